/** On a phone a row of tabs is wider than the page: the one that is open is brought into sight. */
export function startTabs(root: Document = document): void {
  for (const open of root.querySelectorAll(".tabs > [aria-current=page]")) {
    open.scrollIntoView({ block: "nearest", inline: "center" });
  }
}
