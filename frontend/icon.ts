/** An icon of the sprite for markup made in the browser; the page's own icons tell where the sprite is. */
const SVG = "http://www.w3.org/2000/svg";

export function icon(name: string, small = false): SVGSVGElement {
  const known = document.querySelector("svg.icon use")?.getAttribute("href") ?? "/static/dist/icons.svg";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", small ? "icon icon-sm" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${known.split("#")[0]}#${name}`);
  svg.append(use);
  return svg;
}

/** `element("button", {class: "btn", type: "button"}, "Đóng")` */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
