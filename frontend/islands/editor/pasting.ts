/**
 * What comes from Word or another page, made plain before the schema reads it: lists that Word draws as paragraphs become
 * lists, comments and hidden parts go, "Điều 1." at the head of a paragraph becomes an article, text is composed (NFC).
 */
const WORD_LIST = /mso-list:\s*l(\d+)\s+level(\d+)/i;
const ARTICLE = /^\s*Điều\s+\d+[a-zđ]?\s*[.:]\s*/u;

export function cleanHtml(html: string, articles = true): string {
  const plain = html.normalize("NFC").replace(/<!--[\s\S]*?-->/g, "").replace(/<\/?o:p[^>]*>/g, "");
  const page = new DOMParser().parseFromString(withStylesAsData(plain), "text/html");
  page.querySelectorAll("script, style, meta, link, title, xml, img, object, iframe").forEach((one) => one.remove());
  page.querySelectorAll<HTMLElement>("[data-style*='mso-hide'], [data-style*='display:none']").forEach((one) => one.remove());
  joinWordLists(page);
  page.querySelectorAll<HTMLElement>("[data-style]").forEach(spellOut);
  if (articles) for (const paragraph of page.querySelectorAll<HTMLElement>("p")) markArticle(paragraph);
  return page.body.innerHTML;
}

/** The policy of our pages lets no style in, not even of a page that is only read: styles become data before parsing. */
function withStylesAsData(html: string): string {
  return html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
}

/** What a style says and the schema knows, said by elements and attributes. */
function spellOut(element: HTMLElement): void {
  const style = element.dataset["style"] ?? "";
  delete element.dataset["style"];
  const align = /text-align:\s*(\w+)/i.exec(style)?.[1];
  if (align && !element.dataset["align"]) element.dataset["align"] = align.toLowerCase();
  const kind = /list-style-type:\s*([\w-]+)/i.exec(style)?.[1];
  if (kind && !element.hasAttribute("type")) element.setAttribute("type", kind);
  if (/font-weight:\s*(bold|[6-9]\d\d)/i.test(style)) wrapContent(element, "strong");
  if (/font-style:\s*italic/i.test(style)) wrapContent(element, "em");
  if (/text-decoration[\w-]*:\s*underline/i.test(style)) wrapContent(element, "u");
  // The clipboard wraps whole fragments in <b style="font-weight:normal">.
  if (element.matches("b, strong") && /font-weight:\s*(normal|400)/i.test(style)) element.replaceWith(...element.childNodes);
}

function wrapContent(element: HTMLElement, name: string): void {
  if (element.querySelector("p, li, table, h1, h2, h3, div")) return;
  const mark = element.ownerDocument.createElement(name);
  mark.append(...element.childNodes);
  element.append(mark);
}

function joinWordLists(page: Document): void {
  let list: { element: HTMLElement; id: string } | null = null;
  for (const paragraph of [...page.querySelectorAll<HTMLElement>("p")]) {
    const match = WORD_LIST.exec(paragraph.getAttribute("data-style") ?? "");
    if (!match) {
      list = null;
      continue;
    }
    const marker = takeMarker(paragraph);
    const id = `${match[1]}/${match[2]}`;
    if (!list || list.id !== id || list.element.nextElementSibling !== paragraph) {
      list = { element: page.createElement(/^[\d a-zđ]+[.)]/iu.test(marker) ? "ol" : "ul"), id };
      if (/^[a-zđ][.)]/u.test(marker)) list.element.dataset["kind"] = "alpha";
      if (/^[IVX]+[.)]/.test(marker)) list.element.dataset["kind"] = "roman";
      paragraph.before(list.element);
    }
    const item = page.createElement("li");
    paragraph.removeAttribute("data-style");
    item.append(paragraph);
    list.element.append(item);
  }
}

/** Word writes the number of a point as text in a span of its own, followed by hard spaces. */
function takeMarker(paragraph: HTMLElement): string {
  const span = paragraph.querySelector<HTMLElement>("span[data-style*='mso-list:Ignore'], span[data-style*='mso-list: Ignore']");
  if (span) {
    const text = span.textContent?.trim() ?? "";
    span.remove();
    return text;
  }
  const typed = /^\s*([\da-zđ]+[.)]|[-·•])\s+/iu.exec(paragraph.textContent ?? "");
  const first = paragraph.firstChild;
  if (typed && first?.nodeType === Node.TEXT_NODE) first.textContent = (first.textContent ?? "").slice(typed[0].length);
  return typed?.[1] ?? "";
}

function markArticle(paragraph: HTMLElement): void {
  const match = ARTICLE.exec(paragraph.textContent ?? "");
  if (!match || paragraph.closest("li, td, th")) return;
  let left = match[0].length;
  const walker = paragraph.ownerDocument.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  // The number is set by the layout, so it is taken off wherever its letters lie.
  for (let node = walker.nextNode(); node && left > 0; node = walker.nextNode()) {
    const text = node.textContent ?? "";
    node.textContent = text.slice(left);
    left -= Math.min(left, text.length);
  }
  paragraph.dataset["article"] = "";
}
