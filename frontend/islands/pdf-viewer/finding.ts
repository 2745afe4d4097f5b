/** Finding words on pages, with or without tone marks. */
import { fold } from "../people-picker/fold";

export interface Hit {
  page: number;
  /** Indexes of the text items that hold the words. */
  items: number[];
}

/** Marks are kept when the asker typed any; otherwise both sides are folded. */
export function findHits(page: number, items: readonly string[], words: string): Hit[] {
  const wanted = plain(words);
  if (!wanted) return [];
  const exact = wanted !== fold(words);
  const read = exact ? plain : fold;
  const starts: number[] = [];
  let text = "";
  items.forEach((item) => {
    starts.push(text.length);
    const part = read(item);
    text += part && !text.endsWith(" ") ? `${part} ` : part;
  });
  const needle = read(words);
  const hits: Hit[] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
    const end = at + needle.length;
    const touched = starts.flatMap((start, index) => {
      const next = starts[index + 1] ?? text.length;
      return start < end && next > at && items[index]?.trim() ? [index] : [];
    });
    hits.push({ page, items: touched });
  }
  return hits;
}

function plain(text: string): string {
  return text.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
}
