/** The closed schema of a letter's body, the same as `eoffice/layout/README.md`: names, attributes and defaults. */
import { Schema, type DOMOutputSpec, type NodeSpec } from "prosemirror-model";
import { tableNodes } from "prosemirror-tables";

export const ALIGNMENTS = ["left", "center", "right", "justify"] as const;
export const LIST_KINDS = ["decimal", "alpha", "roman"] as const;
const MOST_SPAN = 60;

const tables = tableNodes({ cellContent: "(paragraph | ordered_list | bullet_list)+", cellAttributes: {}, tableGroup: "block" });

function alignOf(element: HTMLElement): string {
  const wanted = (element.getAttribute("data-align") ?? element.getAttribute("align") ?? element.style.textAlign).toLowerCase();
  return (ALIGNMENTS as readonly string[]).includes(wanted) ? wanted : "justify";
}

function kindOf(element: HTMLElement): string {
  const kind = element.getAttribute("data-kind");
  if (kind && (LIST_KINDS as readonly string[]).includes(kind)) return kind;
  const type = element.getAttribute("type") ?? element.style.listStyleType;
  if (/^(a|A|lower-alpha|upper-alpha|lower-latin)$/.test(type)) return "alpha";
  return /^(i|I|lower-roman|upper-roman)$/.test(type) ? "roman" : "decimal";
}

function startOf(element: HTMLElement): number {
  const start = Number(element.getAttribute("start") ?? 1);
  return Number.isInteger(start) && start >= 1 && start <= 9999 ? start : 1;
}

function cell(spec: NodeSpec): NodeSpec {
  const span = (element: HTMLElement, name: string, most: number): number =>
    Math.min(most, Math.max(1, Math.round(Number(element.getAttribute(name))) || 1));
  return {
    ...spec,
    parseDOM: (spec.parseDOM ?? []).map((rule) => ({
      ...rule,
      getAttrs: (dom: HTMLElement) => ({ colspan: span(dom, "colspan", MOST_SPAN), rowspan: span(dom, "rowspan", 2000), colwidth: null }),
    })),
  };
}

export const schema = new Schema({
  nodes: {
    // The first kind is what Enter begins at the end of a paragraph.
    doc: { content: "(paragraph | heading | article | ordered_list | bullet_list | table)+" },
    paragraph: {
      content: "inline*",
      group: "block",
      attrs: { align: { default: "justify" } },
      parseDOM: [{ tag: "p", getAttrs: (element: HTMLElement) => ({ align: alignOf(element) }) }, { tag: "div" }],
      toDOM: (node): DOMOutputSpec => ["p", { "data-align": String(node.attrs["align"]) }, 0],
    },
    heading: {
      content: "inline*",
      group: "block",
      defining: true,
      attrs: { level: { default: 2 } },
      parseDOM: [1, 2, 3, 4].map((level) => ({ tag: `h${level}`, attrs: { level } })).concat([{ tag: "h5", attrs: { level: 4 } }, { tag: "h6", attrs: { level: 4 } }]),
      // Real headings of the page stay above; these are lines of a letter.
      toDOM: (node): DOMOutputSpec => ["p", { class: "ed-heading", "data-level": String(node.attrs["level"]) }, 0],
    },
    article: {
      content: "inline*",
      group: "block",
      defining: true,
      parseDOM: [{ tag: "p[data-article]", priority: 60 }],
      toDOM: (): DOMOutputSpec => ["p", { class: "ed-article", "data-article": "" }, 0],
    },
    ordered_list: {
      content: "list_item+",
      group: "block",
      attrs: { kind: { default: "decimal" }, start: { default: 1 } },
      parseDOM: [{ tag: "ol", getAttrs: (element: HTMLElement) => ({ kind: kindOf(element), start: startOf(element) }) }],
      toDOM: (node): DOMOutputSpec => ["ol", { "data-kind": String(node.attrs["kind"]), start: String(node.attrs["start"]) }, 0],
    },
    bullet_list: { content: "list_item+", group: "block", parseDOM: [{ tag: "ul" }], toDOM: (): DOMOutputSpec => ["ul", 0] },
    list_item: { content: "paragraph (paragraph | ordered_list | bullet_list)*", defining: true, parseDOM: [{ tag: "li" }], toDOM: (): DOMOutputSpec => ["li", 0] },
    table: tables.table,
    table_row: tables.table_row,
    table_cell: cell(tables.table_cell),
    table_header: cell(tables.table_header),
    text: { group: "inline" },
    hard_break: { inline: true, group: "inline", selectable: false, parseDOM: [{ tag: "br" }], toDOM: (): DOMOutputSpec => ["br"] },
  },
  marks: {
    strong: {
      parseDOM: [
        { tag: "strong" },
        // Word and the clipboard wrap whole fragments in <b style="font-weight:normal">.
        { tag: "b", getAttrs: (element: HTMLElement) => element.style.fontWeight !== "normal" && null },
        { style: "font-weight", getAttrs: (value: string) => /^(bold(er)?|[6-9]\d{2})$/.test(value) && null },
      ],
      toDOM: (): DOMOutputSpec => ["strong", 0],
    },
    em: { parseDOM: [{ tag: "em" }, { tag: "i" }, { style: "font-style=italic" }], toDOM: (): DOMOutputSpec => ["em", 0] },
    underline: { parseDOM: [{ tag: "u" }, { style: "text-decoration=underline" }], toDOM: (): DOMOutputSpec => ["u", 0] },
  },
});
