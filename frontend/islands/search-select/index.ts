/**
 * A single pick from a long list, with search that ignores tone marks (tom-select).
 *
 *     <select data-island="search-select" name="kind">…</select>
 *     <select data-island="search-select" name="person" data-url="/api/v1/organization/recipients?kind=person&q="></select>
 *
 * With `data-url` the options come from the server as `[{id, name, detail}]`; the unit stands under the name.
 */
import TomSelect from "tom-select/base";
import "tom-select/dist/css/tom-select.css";
import "./search-select.css";
import { fold } from "../people-picker/fold";
import type { Unmount } from "../../islands";

interface Choice {
  id: number | string;
  name: string;
  detail: string;
}

export function mount(element: HTMLElement): Unmount {
  const select = element as HTMLSelectElement;
  const url = select.dataset["url"];
  const label = select.labels?.[0]?.textContent?.trim() ?? "Tìm";
  const instance = new TomSelect(select, {
    create: false,
    maxOptions: 100,
    diacritics: true,
    valueField: url ? "id" : "value",
    labelField: url ? "name" : "text",
    searchField: url ? [] : ["text"],
    closeAfterSelect: true,
    // Both sides are folded, so "dang ky" finds "Đăng ký".
    score: function (search: string) {
      const words = fold(search).split(" ").filter(Boolean);
      return (item: Record<string, string>) => {
        const text = fold(String(item["name"] ?? item["text"] ?? ""));
        return words.every((word) => text.includes(word)) ? 1 : 0;
      };
    },
    ...(url ? { load: (query: string, done: (choices: Choice[]) => void) => void load(url, query, done) } : {}),
    render: {
      no_results: () => line("Không tìm thấy. Thử ít chữ hơn."),
      loading: () => line("Đang tìm"),
      option: (item: Record<string, string>, escape: (text: string) => string) =>
        `<div>${escape(String(item["name"] ?? item["text"]))}${item["detail"] ? `<small>${escape(item["detail"])}</small>` : ""}</div>`,
    },
  });
  instance.control_input.setAttribute("aria-label", label);
  // Its stand-in is what is spoken and focused; two controls of one name would confuse.
  select.setAttribute("aria-hidden", "true");
  return () => instance.destroy();
}

function line(words: string): string {
  return `<div class="no-results">${words}</div>`;
}

async function load(url: string, query: string, done: (choices: Choice[]) => void): Promise<void> {
  const response = await fetch(url + encodeURIComponent(query), { headers: { Accept: "application/json" } });
  done(response.ok ? ((await response.json()) as Choice[]) : []);
}
