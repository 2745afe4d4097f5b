/** What the islands that speak to a program on the signer's own computer show: lines of words and plain buttons. */

export function line(words: string, isFault: boolean): HTMLElement {
  const made = document.createElement("p");
  made.textContent = words;
  made.className = isFault ? "late" : "t2";
  if (isFault) made.setAttribute("role", "alert");
  return made;
}

export function makeButton(words: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-line";
  made.textContent = words;
  return made;
}
