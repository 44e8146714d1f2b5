/** `812 ms`, `3.4 s`, `2 min 5 s`, `1 h 2 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `512 B`, `23.1 KiB`, `4.0 MiB`. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 ** 2) return `${(size / 1024).toFixed(1)} KiB`;
  if (size < 1024 ** 3) return `${(size / 1024 ** 2).toFixed(1)} MiB`;
  return `${(size / 1024 ** 3).toFixed(1)} GiB`;
}

/** A time of day with milliseconds, in the reader's own time zone: `14:03:07.120`. */
export function clock(time: Date): string {
  const hours = [time.getHours(), time.getMinutes(), time.getSeconds()].map((value) => padded(value)).join(':');
  return `${hours}.${padded(time.getMilliseconds(), 3)}`;
}

/** A date and time to the second, in the reader's own time zone. */
export function dateTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const [year, month, day] = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  return `${year}-${padded(month)}-${padded(day)} ${clock(time).slice(0, 8)}`;
}

/** At most one decimal: `0`, `9.8`, `120`. */
export function rate(perSecond: number): string {
  return String(Math.round(perSecond * 10) / 10);
}

function padded(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}
