/**
 * The body of a letter: ProseMirror over the closed schema.
 *
 *     <div data-island="editor" data-name="body" data-label="Nội dung" data-preview="#preview">
 *       <textarea name="body" hidden>{"type":"doc","content":[…]}</textarea>
 *     </div>
 *
 * The JSON stays in the textarea, which travels with the form and is kept by the form keeper. Dispatches `editor:changed`
 * (bubbling, detail `{body}`) half a second after the last key, for the live preview, and `editor:autosave` after three seconds
 * and when the page is left. Without JavaScript the page should offer uploading a file instead.
 */
import { baseKeymap, chainCommands, exitCode, setBlockType, toggleMark } from "prosemirror-commands";
import { history, redo, undo } from "prosemirror-history";
import { inputRules, textblockTypeInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { DOMParser as BodyParser, Fragment, Node as BodyNode, Slice, type MarkType, type NodeType } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { EditorState, Plugin, type Command, type Transaction } from "prosemirror-state";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell, isInTable, mergeCells, splitCell, tableEditing, toggleHeaderRow } from "prosemirror-tables";
import { EditorView } from "prosemirror-view";
import "prosemirror-view/style/prosemirror.css";
import "./editor.css";
import { element, icon } from "../../icon";
import type { Unmount } from "../../islands";
import { cleanHtml } from "./pasting";
import { schema } from "./schema";

const PREVIEW_MS = 500;
const AUTOSAVE_MS = 3000;
type NodeName = keyof typeof schema.nodes;
type MarkName = keyof typeof schema.marks;

function node(name: NodeName): NodeType {
  const type = schema.nodes[name];
  if (!type) throw new Error(`the schema has no ${name}`);
  return type;
}

function mark(name: MarkName): MarkType {
  const type = schema.marks[name];
  if (!type) throw new Error(`the schema has no mark ${name}`);
  return type;
}

interface Tool {
  words: string;
  icon?: string;
  text?: string;
  command: Command;
  pressed?: (state: EditorState) => boolean;
  inTable?: boolean;
}

function alignAs(align: string): Command {
  return (state, dispatch) => {
    const { from, to } = state.selection;
    const change: Transaction = state.tr;
    let changed = false;
    state.doc.nodesBetween(from, to, (one, at) => {
      if (one.type !== node("paragraph") || one.attrs["align"] === align) return;
      change.setNodeMarkup(at, null, { align });
      changed = true;
    });
    if (changed) dispatch?.(change);
    return changed;
  };
}

/** The same list again lifts out of it; another kind changes the list one stands in. */
function list(name: NodeName, attrs: Record<string, unknown> = {}): Command {
  return (state, dispatch) => {
    const around = listAround(state);
    if (!around) return wrapInList(node(name), attrs)(state, dispatch);
    const same = around.node.type === node(name) && Object.entries(attrs).every(([key, value]) => around.node.attrs[key] === value);
    if (same) return liftListItem(node("list_item"))(state, dispatch);
    dispatch?.(state.tr.setNodeMarkup(around.at, node(name), attrs));
    return true;
  };
}

function listAround(state: EditorState): { node: BodyNode; at: number } | null {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const one = $from.node(depth);
    if (one.type === node("ordered_list") || one.type === node("bullet_list")) return { node: one, at: $from.before(depth) };
  }
  return null;
}

function inList(name: NodeName, attrs: Record<string, unknown> = {}): (state: EditorState) => boolean {
  return (state) => {
    const around = listAround(state);
    return around !== null && around.node.type === node(name) && Object.entries(attrs).every(([key, value]) => around.node.attrs[key] === value);
  };
}

function insertTable(rows: number, columns: number): Command {
  return (state, dispatch) => {
    const empty = (): BodyNode => node("paragraph").create({ align: "left" });
    const table = node("table").create(null, Array.from({ length: rows }, (_row, at) =>
      node("table_row").create(null, Array.from({ length: columns }, () => node(at ? "table_cell" : "table_header").create(null, empty())))));
    if (isInTable(state)) return false;
    dispatch?.(state.tr.replaceSelectionWith(table).scrollIntoView());
    return true;
  };
}

function block(name: NodeName, attrs: Record<string, unknown> = {}): (state: EditorState) => boolean {
  return (state) => {
    const { parent } = state.selection.$from;
    return parent.type === node(name) && Object.entries(attrs).every(([key, value]) => parent.attrs[key] === value);
  };
}

/** The same kind of block again makes it a paragraph. */
function blockAs(name: NodeName, attrs: Record<string, unknown> = {}): Command {
  return (state, dispatch, view) => {
    const already = block(name, attrs)(state);
    return (already ? setBlockType(node("paragraph"), { align: "justify" }) : setBlockType(node(name), attrs))(state, dispatch, view);
  };
}

function marked(name: MarkName): (state: EditorState) => boolean {
  return (state) => {
    const { from, to, empty, $from } = state.selection;
    const type = mark(name);
    return empty ? Boolean(type.isInSet(state.storedMarks ?? $from.marks())) : state.doc.rangeHasMark(from, to, type);
  };
}

const TOOLS: readonly (readonly Tool[])[] = [
  [
    { words: "Đậm (Ctrl B)", icon: "bold", command: toggleMark(mark("strong")), pressed: marked("strong") },
    { words: "Nghiêng (Ctrl I)", icon: "italic", command: toggleMark(mark("em")), pressed: marked("em") },
    { words: "Gạch chân (Ctrl U)", icon: "underline", command: toggleMark(mark("underline")), pressed: marked("underline") },
  ],
  [
    { words: "Chương, phần", text: "Chương", command: blockAs("heading", { level: 1 }), pressed: block("heading", { level: 1 }) },
    { words: "Mục I, II", text: "I.", command: blockAs("heading", { level: 2 }), pressed: block("heading", { level: 2 }) },
    { words: "Tiêu đề 1, 2", text: "Tiêu đề", command: blockAs("heading", { level: 3 }), pressed: block("heading", { level: 3 }) },
    { words: "Điều (số tự đánh)", text: "Điều", command: blockAs("article"), pressed: block("article") },
  ],
  [
    { words: "Khoản 1, 2, 3", text: "1.", command: list("ordered_list", { kind: "decimal", start: 1 }), pressed: inList("ordered_list", { kind: "decimal" }) },
    { words: "Điểm a, b, c", text: "a)", command: list("ordered_list", { kind: "alpha", start: 1 }), pressed: inList("ordered_list", { kind: "alpha" }) },
    { words: "Gạch đầu dòng", text: "–", command: list("bullet_list"), pressed: inList("bullet_list") },
    { words: "Lùi vào một cấp (Tab)", icon: "indent-increase", command: sinkListItem(node("list_item")) },
    { words: "Ra một cấp (Shift Tab)", icon: "indent-decrease", command: liftListItem(node("list_item")) },
  ],
  [
    { words: "Đều hai bên", text: "Đều", command: alignAs("justify"), pressed: block("paragraph", { align: "justify" }) },
    { words: "Giữa", text: "Giữa", command: alignAs("center"), pressed: block("paragraph", { align: "center" }) },
    { words: "Phải", text: "Phải", command: alignAs("right"), pressed: block("paragraph", { align: "right" }) },
  ],
  [
    { words: "Chèn bảng 3 cột", icon: "table-plus", command: insertTable(3, 3) },
    { words: "Thêm hàng", icon: "row-insert-bottom", command: addRowAfter, inTable: true },
    { words: "Thêm cột", icon: "column-insert-right", command: addColumnAfter, inTable: true },
    { words: "Bỏ hàng", icon: "row-remove", command: deleteRow, inTable: true },
    { words: "Bỏ cột", icon: "column-remove", command: deleteColumn, inTable: true },
    { words: "Gộp ô", icon: "arrow-merge", command: chainCommands(mergeCells, splitCell), inTable: true },
    { words: "Hàng đầu là tiêu đề", icon: "table", command: toggleHeaderRow, inTable: true },
    { words: "Bỏ bảng", icon: "table-minus", command: deleteTable, inTable: true },
  ],
  [
    { words: "Hoàn tác (Ctrl Z)", icon: "arrow-back-up", command: undo },
    { words: "Làm lại (Ctrl Y)", icon: "arrow-forward-up", command: redo },
  ],
];

export function mount(root: HTMLElement): Unmount {
  const store = root.querySelector<HTMLTextAreaElement>("textarea");
  if (!store) throw new Error("the editor needs its textarea");
  store.hidden = true;
  store.readOnly = true;
  const label = root.dataset["label"] ?? "Nội dung";
  const bar = element("div", { class: "ed-bar", role: "toolbar", "aria-label": `Định dạng ${label.toLowerCase()}` });
  const page = element("div", { class: "ed-page" });
  root.classList.add("ed");
  root.append(bar, page);
  const timers = new Timers(root, store);
  const view = new EditorView(page, {
    state: stateOf(store.value, timers),
    attributes: { role: "textbox", "aria-multiline": "true", "aria-label": label, class: "ed-body", spellcheck: "false", lang: "vi" },
    transformPastedHTML: (html) => cleanHtml(html),
    transformPastedText: (text) => text.normalize("NFC"),
    clipboardTextParser: (text) => linesOf(text),
  });
  const buttons = drawTools(bar, view);
  const refresh = (): void => showTools(buttons, view);
  view.setProps({ dispatchTransaction: (transaction) => {
    view.updateState(view.state.apply(transaction));
    refresh();
  } });
  refresh();
  const abort = new AbortController();
  store.closest("form")?.addEventListener("form:restored", () => view.updateState(stateOf(store.value, timers)), { signal: abort.signal });
  addEventListener("pagehide", () => timers.flush(), { signal: abort.signal });
  return () => {
    abort.abort();
    timers.flush();
    view.destroy();
  };
}

export function bodyOf(text: string): BodyNode {
  if (!text.trim()) return node("doc").create(null, node("paragraph").create());
  const body = BodyNode.fromJSON(schema, JSON.parse(text) as unknown);
  body.check();
  return body;
}

export function bodyOfHtml(html: string): BodyNode {
  const holder = document.createElement("div");
  holder.innerHTML = cleanHtml(html);
  return BodyParser.fromSchema(schema).parse(holder);
}

/** Typed lines become paragraphs; blank lines between them are the layout's affair, not text. */
function linesOf(text: string): Slice {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  return new Slice(Fragment.from(lines.map((line) => node("paragraph").create(null, schema.text(line)))), 1, 1);
}

class Timers {
  private preview: ReturnType<typeof setTimeout> | undefined;
  private save: ReturnType<typeof setTimeout> | undefined;
  private unsaved = false;
  private body: BodyNode | null = null;

  constructor(private readonly root: HTMLElement, private readonly store: HTMLTextAreaElement) {}

  changed(body: BodyNode): void {
    this.body = body;
    this.unsaved = true;
    this.store.value = JSON.stringify(body.toJSON());
    clearTimeout(this.preview);
    clearTimeout(this.save);
    this.preview = setTimeout(() => {
      this.store.dispatchEvent(new Event("input", { bubbles: true }));
      this.tell("editor:changed");
    }, PREVIEW_MS);
    this.save = setTimeout(() => this.flush(), AUTOSAVE_MS);
  }

  flush(): void {
    clearTimeout(this.save);
    if (!this.unsaved) return;
    this.unsaved = false;
    this.tell("editor:autosave");
  }

  private tell(name: string): void {
    this.root.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { body: this.body?.toJSON() } }));
  }
}

function stateOf(text: string, timers: Timers): EditorState {
  const item = node("list_item");
  const lineBreak: Command = (state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(node("hard_break").create()).scrollIntoView());
    return true;
  };
  return EditorState.create({
    doc: bodyOf(text),
    plugins: [
      inputRules({ rules: [
        wrappingInputRule(/^\s*1\.\s$/, node("ordered_list"), { kind: "decimal", start: 1 }),
        wrappingInputRule(/^\s*a\)\s$/, node("ordered_list"), { kind: "alpha", start: 1 }),
        wrappingInputRule(/^\s*[-–]\s$/, node("bullet_list")),
        textblockTypeInputRule(/^Điều\s\d+\.\s$/, node("article")),
      ] }),
      history(),
      keymap({
        "Mod-b": toggleMark(mark("strong")), "Mod-i": toggleMark(mark("em")), "Mod-u": toggleMark(mark("underline")),
        "Mod-z": undo, "Mod-y": redo, "Shift-Mod-z": redo,
        "Shift-Enter": chainCommands(exitCode, lineBreak),
        Enter: splitListItem(item),
        // Outside lists and tables Tab leaves the editor, so the keyboard is never caught.
        Tab: chainCommands(goToNextCell(1), sinkListItem(item)), "Shift-Tab": chainCommands(goToNextCell(-1), liftListItem(item)),
      }),
      keymap(baseKeymap),
      tableEditing(),
      new Plugin({ view: () => ({ update: (view, before) => {
        if (!before.doc.eq(view.state.doc)) timers.changed(view.state.doc);
      } }) }),
    ],
  });
}

type Drawn = { tool: Tool; button: HTMLButtonElement };

function drawTools(bar: HTMLElement, view: EditorView): Drawn[] {
  const drawn: Drawn[] = [];
  for (const group of TOOLS) {
    const part = element("span", { class: "ed-group" });
    for (const tool of group) {
      const button = element("button", { type: "button", class: "btn btn-quiet btn-sm", title: tool.words, "aria-label": tool.words }, tool.icon ? icon(tool.icon) : (tool.text ?? tool.words));
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => {
        tool.command(view.state, view.dispatch, view);
        view.focus();
      });
      part.append(button);
      drawn.push({ tool, button });
    }
    bar.append(part);
  }
  return drawn;
}

function showTools(drawn: Drawn[], view: EditorView): void {
  const inTable = isInTable(view.state);
  for (const { tool, button } of drawn) {
    button.hidden = Boolean(tool.inTable) && !inTable;
    if (tool.pressed) button.setAttribute("aria-pressed", String(tool.pressed(view.state)));
  }
}
