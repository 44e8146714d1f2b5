import { charactersOf, shorten } from '../characters';
import { escapeXml } from '../escape-xml';

// Of the width, what one character of the serif takes on average, in ems. A guess that errs on the wide side.
const EMS_PER_CHARACTER = 0.56;
const MAX_LINES = 2;

/** The prompt at the foot of the picture, on a shade that keeps it legible: two lines at most, the rest cut off by "…". */
export function caption(prompt: string, width: number, height: number): string {
  const size = Math.max(7, Math.min(width / 22, height / 16, 44));
  const margin = size * 1.1;
  const lines = wrap(prompt, Math.max(6, Math.floor((width - 2 * margin) / (size * EMS_PER_CHARACTER))));
  const lineHeight = size * 1.3;
  const shade = lines.length * lineHeight + margin * 2.4;
  const text = lines.map((line, index) => {
    const y = height - margin - (lines.length - 1 - index) * lineHeight;
    return `<text x="${margin.toFixed(1)}" y="${y.toFixed(1)}">${escapeXml(line)}</text>`;
  });
  return `<linearGradient id="shade" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-opacity="0"/><stop offset="1" stop-opacity="0.62"/></linearGradient>
<rect y="${(height - shade).toFixed(1)}" width="${width}" height="${shade.toFixed(1)}" fill="url(#shade)"/>
<g fill="#ffffff" font-family="Georgia, 'Noto Serif', 'DejaVu Serif', serif" font-style="italic" font-size="${size.toFixed(1)}">${text.join('')}</g>`;
}

/** Breaks at spaces, or inside a word longer than a line. */
function wrap(prompt: string, limit: number): string[] {
  const lines = [''];
  for (const word of prompt.split(' ').flatMap((whole) => pieces(whole, limit))) {
    const line = lines.at(-1) as string;
    if (line === '') lines[lines.length - 1] = word;
    else if (charactersOf(`${line} ${word}`).length <= limit) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  if (lines.length <= MAX_LINES) return lines;
  const cut = shorten(`${lines[MAX_LINES - 1]} ${lines[MAX_LINES]}`, limit);
  return [...lines.slice(0, MAX_LINES - 1), cut];
}

function pieces(word: string, limit: number): string[] {
  const characters = charactersOf(word);
  const count = Math.ceil(characters.length / limit);
  return Array.from({ length: count }, (_, i) => characters.slice(i * limit, (i + 1) * limit).join(''));
}
