import { splitBlock } from "prosemirror-commands";
import { EditorState, TextSelection } from "prosemirror-state";
import { expect, test } from "vitest";
import { bodyOf, bodyOfHtml } from "./index";
import { schema } from "./schema";

/** The example of eoffice/layout/README.md, which both sides promise to read. */
const CONTRACT = {
  type: "doc",
  content: [
    { type: "heading", attrs: { level: 2 }, content: [{ type: "text", text: "I. MỤC ĐÍCH, YÊU CẦU" }] },
    { type: "paragraph", attrs: { align: "justify" }, content: [
      { type: "text", text: "Thực hiện " },
      { type: "text", marks: [{ type: "strong" }, { type: "em" }], text: "Kế hoạch số 15/KH-TXG" },
      { type: "hard_break" }, { type: "text", text: "đề nghị các đơn vị:" }] },
    { type: "ordered_list", attrs: { kind: "alpha", start: 1 }, content: [
      { type: "list_item", content: [{ type: "paragraph", attrs: { align: "justify" }, content: [{ type: "text", text: "Trạm thu phát;" }] }] }] },
    { type: "table", content: [{ type: "table_row", content: [
      { type: "table_header", attrs: { colspan: 1, rowspan: 1, colwidth: [320] }, content: [{ type: "paragraph", attrs: { align: "left" } }] }] }] },
    { type: "article", content: [{ type: "text", text: "Quyết định này có hiệu lực kể từ ngày ký." }] },
  ],
};

test("the contract's body comes back unchanged", () => {
  expect(bodyOf(JSON.stringify(CONTRACT)).toJSON()).toEqual(CONTRACT);
});

test("an empty store is one justified paragraph", () => {
  expect(bodyOf("").toJSON()).toEqual({ type: "doc", content: [{ type: "paragraph", attrs: { align: "justify" } }] });
});

test("the schema has exactly the promised nodes and marks", () => {
  expect(Object.keys(schema.nodes).sort()).toEqual(
    ["article", "bullet_list", "doc", "hard_break", "heading", "list_item", "ordered_list", "paragraph", "table", "table_cell", "table_header", "table_row", "text"]);
  expect(Object.keys(schema.marks).sort()).toEqual(["em", "strong", "underline"]);
});

test("a node outside the schema is refused", () => {
  expect(() => bodyOf('{"type":"doc","content":[{"type":"image"}]}')).toThrow();
});

test("paste from Word loses fonts, scripts and comments and keeps bold and lists", () => {
  const body = bodyOfHtml(`<!--StartFragment--><script>alert(1)</script>
    <p class=MsoNormal style='text-align:justify;font-family:Arial'><b>Thực hiện</b> kế hoạch<o:p></o:p></p>
    <p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>a)&nbsp;&nbsp;</span>Rà soát hạ tầng;</p>
    <p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>b)&nbsp;&nbsp;</span>Báo cáo.</p>`).toJSON() as { content: { type: string; attrs?: object; content?: object[] }[] };

  expect(body.content.map((one) => one.type)).toEqual(["paragraph", "ordered_list"]);
  expect(body.content[0]?.content).toEqual([{ type: "text", marks: [{ type: "strong" }], text: "Thực hiện" }, { type: "text", text: " kế hoạch" }]);
  expect(body.content[1]?.attrs).toEqual({ kind: "alpha", start: 1 });
  expect(body.content[1]?.content?.length).toBe(2);
});

test("a pasted article loses its typed number, even when it is bold", () => {
  const body = bodyOfHtml("<p><b>Điều 1.</b> Phê duyệt phương án.</p>").toJSON() as { content: object[] };
  expect(body.content).toEqual([{ type: "article", content: [{ type: "text", text: "Phê duyệt phương án." }] }]);
});

test("decomposed letters are composed", () => {
  const body = bodyOfHtml("<p>Hòa Lạc</p>".normalize("NFD"));
  expect(body.textContent).toBe("Hòa Lạc".normalize("NFC"));
});

test("Enter at the end of a paragraph begins a paragraph, not a heading", () => {
  let state = EditorState.create({ doc: bodyOf(JSON.stringify({ type: "doc", content: [{ type: "paragraph", content: [{ type: "text", text: "Một" }] }] })) });
  state = state.apply(state.tr.setSelection(TextSelection.atEnd(state.doc)));

  splitBlock(state, (change) => (state = state.apply(change)));

  expect(state.doc.content.content.map((block) => block.type.name)).toEqual(["paragraph", "paragraph"]);
});
