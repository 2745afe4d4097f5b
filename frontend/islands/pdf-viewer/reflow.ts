/** The text layer of a page as paragraphs that can be broken anew for a narrow screen. */
export interface Piece {
  str: string;
  /** Left edge, baseline, width and letter height in points; y grows upwards. */
  x: number;
  y: number;
  width: number;
  height: number;
}
interface Line {
  text: string;
  left: number;
  right: number;
  y: number;
  height: number;
}

const NEW_ITEM = /^(?:[-–+•]\s|\d{1,3}(?:\.\d{1,3})*[.)]\s|[a-zđ][).]\s|(?:Điều|Chương|Mục)\s+[\dIVX]+)/u;

/** Paragraphs in the order of the file; a line goes on with the one before it where that one was filled to the margin. */
export function paragraphsOf(pieces: readonly Piece[]): string[] {
  const lines = linesOf(pieces);
  const margin = Math.max(0, ...lines.map((line) => line.right));
  const paragraphs: string[] = [];
  let last: Line | null = null;
  for (const line of lines) {
    if (last && continues(last, line, margin)) paragraphs[paragraphs.length - 1] += ` ${line.text}`;
    else paragraphs.push(line.text);
    last = line;
  }
  return paragraphs;
}

function continues(last: Line, line: Line, margin: number): boolean {
  const drop = last.y - line.y;
  const isNear = drop > 0 && drop < 2.1 * last.height && Math.abs(last.height - line.height) < 0.15 * last.height;
  const wasFull = last.right > margin - 2.5 * last.height;
  return isNear && wasFull && line.left <= last.left + 0.5 * line.height && !NEW_ITEM.test(line.text);
}

function linesOf(pieces: readonly Piece[]): Line[] {
  const lines: Line[] = [];
  let line: Line | null = null;
  for (const piece of pieces) {
    const text = piece.str;
    const height: number = piece.height || line?.height || 12;
    if (line && follows(line, piece, height)) {
      const gap = piece.x - line.right;
      const spaced = gap > 0.15 * height && !line.text.endsWith(" ") && !text.startsWith(" ");
      line.text += (spaced ? " " : "") + text;
      line.right = Math.max(line.right, piece.x + piece.width);
    } else if (text.trim()) {
      line = { text, left: piece.x, right: piece.x + piece.width, y: piece.y, height };
      lines.push(line);
    }
  }
  for (const one of lines) one.text = one.text.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
  return lines.filter((one) => one.text);
}

/** On the same line, to the right, and not across the gap between two columns. */
function follows(line: Line, piece: Piece, height: number): boolean {
  const gap = piece.x - line.right;
  return Math.abs(line.y - piece.y) < 0.4 * height && gap > -0.5 * height && gap < 1.5 * height;
}
