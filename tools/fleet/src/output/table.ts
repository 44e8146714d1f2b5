/** Columns padded to their widest cell, each on one line; numbers to the right when `right` has the column's index. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const plain = rows.map((row) => row.map((cell) => cell.replaceAll(/[\r\n\t]+/g, ' ')));
  const widths = header.map((title, index) => Math.max(title.length, ...plain.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    widths
      .map((width, index) => {
        const cell = cells[index] ?? '';
        return right.includes(index) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [header, ...plain].map(line).join('\n');
}

/** Name and value per line, the values under each other; lines without a value are left out. */
export function fields(pairs: readonly (readonly [string, string | number | null | undefined])[]): string {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  // Of a text of several lines all stand where the first does: none looks like a field of its own.
  const under = `\n${' '.repeat(width + 2)}`;
  return shown
    .map(([name, value]) => `${name.padEnd(width)}  ${String(value).replaceAll(/\r?\n|\r/g, under)}`)
    .join('\n');
}
