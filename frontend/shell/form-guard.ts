const SELF_SAVING = "form[hx-post][hx-trigger]";

/**
 * One press, one deed. A submitted form's buttons are held until the answer is there; the pressed one says it is
 * busy (`data-busy="Đang đăng ký"`). The hidden `idempotency_key` lets a service know a repeated request.
 *
 * A form that leaves the page waits for one that is just saving itself, and nothing saves itself after it: the server
 * would take the one for a change made elsewhere and refuse the other.
 */
export function startFormGuard(root: Document = document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.dataset["sending"] !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // At once: the second press of a double click comes before any timer.
    form.dataset["sending"] = "";
    if (!isSentByHtmx(form) && isSavingItself(root)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      sendAfterSaving(root, form, event.submitter);
      return;
    }
    // After the browser has built the request: a disabled button would drop its own name and value from it.
    setTimeout(() => {
      const staysHere = form.hasAttribute("data-download") || opensBeside(event.submitter);
      if ((event.defaultPrevented && !isHtmxForm(form)) || staysHere) release(form);
      else {
        hold(form, event.submitter);
        if (!event.defaultPrevented) form.dataset["leaving"] = "";
      }
    });
  }, true);
  root.addEventListener("htmx:beforeRequest", (event) => {
    if ((event.target as Element).matches(SELF_SAVING) && root.querySelector("form[data-leaving]")) event.preventDefault();
  });
  root.addEventListener("htmx:afterRequest", (event) => {
    const form = (event.target as Element).closest("form");
    if (form) release(form);
  });
  // A page that comes back from the browser's history must be usable again.
  addEventListener("pageshow", () => root.querySelectorAll<HTMLFormElement>("form[data-sending]").forEach(release));
}

/** Its answer opens in a tab of its own (a preview): this page stays as it is and must go on being usable. */
function opensBeside(submitter: HTMLElement | null): boolean {
  return submitter?.getAttribute("formtarget") === "_blank";
}

function isHtmxForm(form: HTMLFormElement): boolean {
  return ["hx-post", "hx-get", "hx-put", "hx-delete", "hx-patch"].some((name) => form.hasAttribute(name));
}

/** Its submission itself goes by htmx; one with its own trigger only saves itself that way. */
function isSentByHtmx(form: HTMLFormElement): boolean {
  return isHtmxForm(form) && !form.matches(SELF_SAVING);
}

function isSavingItself(root: Document): boolean {
  return root.querySelector(`${SELF_SAVING}.htmx-request`) !== null;
}

function sendAfterSaving(root: Document, form: HTMLFormElement, submitter: HTMLElement | null): void {
  hold(form, submitter);
  const again = (): void => {
    // htmx sends what it has queued right after this answer.
    setTimeout(() => {
      if (isSavingItself(root)) return;
      root.removeEventListener("htmx:afterRequest", again);
      release(form);
      form.requestSubmit(submitter);
    });
  };
  root.addEventListener("htmx:afterRequest", again);
}

function hold(form: HTMLFormElement, submitter: HTMLElement | null): void {
  form.dataset["sending"] = "";
  for (const button of buttonsOf(form)) button.disabled = true;
  if (!(submitter instanceof HTMLButtonElement)) return;
  submitter.setAttribute("aria-busy", "true");
  const words = submitter.dataset["busy"];
  if (words) {
    submitter.dataset["words"] = submitter.innerHTML;
    submitter.textContent = words;
  }
}

function release(form: HTMLFormElement): void {
  if (form.dataset["sending"] === undefined) return;
  delete form.dataset["sending"];
  delete form.dataset["leaving"];
  for (const button of buttonsOf(form)) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
    if (button.dataset["words"] !== undefined) button.innerHTML = button.dataset["words"];
    delete button.dataset["words"];
  }
}

function buttonsOf(form: HTMLFormElement): HTMLButtonElement[] {
  return [...form.elements].filter(
    (element): element is HTMLButtonElement => element instanceof HTMLButtonElement && element.type === "submit",
  );
}
