/**
 * Units and people, found by typing without tone marks or by opening the tree; roles CT · PH · ĐB.
 *
 *     <div data-island="people-picker" data-mode="roles|single|multi" data-name="recipients" data-label="Nơi nhận"
 *          data-kind="" data-roles="lead,support,informed" data-chosen='[{"kind":"unit","id":4,"name":"…","detail":"…","path":"…","role":"lead"}]'></div>
 *
 * The choice lies in a hidden input `data-name` as JSON `[{"kind","id","role"}]` (no role outside "roles"). Words go to
 * `GET /api/v1/organization/recipients?q=`, branches to `GET /api/v1/organization/units/<id>/children` (0 = roots).
 * `data-kind="unit|person"` narrows what can be chosen (units then only open), `data-roles` the roles on offer; `data-near` is the unit
 * whose people and units stand first, before the whole tree. Dispatches `recipients:changed` after every change.
 */
import "./people-picker.css";
import { element, icon } from "../../icon";
import type { Unmount } from "../../islands";
import { keyOf, ROLES, Selection, type Choice, type Chosen, type Mode, type Role } from "./chosen";

const API = "/api/v1/organization";
const TYPING_MS = 200;

export async function mount(root: HTMLElement): Promise<Unmount> {
  const picker = new Picker(root);
  await picker.start();
  return () => picker.stop();
}

class Picker {
  private readonly selection: Selection;
  private readonly abort = new AbortController();
  private readonly hidden: HTMLInputElement;
  private readonly search: HTMLInputElement;
  private readonly tree: HTMLUListElement;
  private readonly chosenList: HTMLUListElement;
  private readonly say: HTMLElement;
  private readonly count: HTMLElement;
  private readonly choices = new Map<string, Choice>();
  private typing: ReturnType<typeof setTimeout> | undefined;
  private saidBefore: string | null = "";
  private asked = 0;

  constructor(private readonly root: HTMLElement) {
    const mode = (root.dataset["mode"] ?? "roles") as Mode;
    const offered = root.dataset["roles"]?.split(",") ?? ROLES.map((one) => one.role);
    this.selection = new Selection(mode, ROLES.map((one) => one.role).filter((role) => offered.includes(role)));
    const label = root.dataset["label"] ?? "Nơi nhận";
    this.hidden = element("input", { type: "hidden", name: root.dataset["name"] ?? "recipients" });
    this.search = element("input", {
      type: "search", class: "form-control", placeholder: "Tìm đơn vị, người, gõ không dấu cũng được",
      "aria-label": `Tìm ${label.toLowerCase()}`, autocomplete: "off", "data-never-keep": "",
    });
    this.tree = element("ul", { class: "pick-tree", role: "tree", "aria-label": label, "aria-multiselectable": String(mode !== "single") });
    this.chosenList = element("ul", { class: "pick-chosen" });
    this.count = element("span", { class: "t2 s13" });
    this.say = element("p", { class: "pick-say s13", role: "status" });
  }

  async start(): Promise<void> {
    const { root } = this;
    root.classList.add("pick");
    const legend = this.selection.mode === "roles" ? element("p", { class: "pick-legend s12 t3" }, this.roles().map((one) => `${one.short} ${one.words.toLowerCase()}`).join(" · ")) : "";
    const chosen = element("div", { class: "pick-picked" },
      element("div", { class: "row-x" }, element("b", { class: "b6 s13" }, root.dataset["label"] ?? "Nơi nhận"), this.count), this.chosenList);
    // In place of the field that held the choice until now.
    root.replaceChildren(this.search, legend, this.tree, this.say, chosen, this.hidden);
    for (const one of JSON.parse(root.dataset["chosen"] ?? "[]") as Chosen[]) {
      this.choices.set(keyOf(one), one);
      this.selection.toggle(one, one.role ?? "informed");
    }
    const on = { signal: this.abort.signal };
    this.search.addEventListener("input", () => this.typed(), on);
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") {
        event.preventDefault();
        this.focusRow(this.visibleRows()[0]);
      } else if (event.key === "Enter") {
        event.preventDefault();
        const first = this.visibleRows()[0];
        if (first) this.choose(first, this.selection.proposed());
      }
    }, on);
    this.tree.addEventListener("click", (event) => void this.clicked(event.target as Element), on);
    this.tree.addEventListener("keydown", (event) => void this.key(event), on);
    this.chosenList.addEventListener("click", (event) => this.removed(event.target as Element), on);
    this.closestForm()?.addEventListener("form:restored", () => this.restore(), on);
    this.hidden.value = this.selection.toJson();
    this.hidden.dispatchEvent(new Event("field:ready", { bubbles: true }));
    this.show();
    await this.showRoots();
  }

  stop(): void {
    clearTimeout(this.typing);
    this.abort.abort();
    this.root.replaceChildren();
  }

  private closestForm(): HTMLFormElement | null {
    return this.root.closest("form");
  }

  /** What the form keeper put back has names too (`data-kept-value`), so it is shown without asking the server. */
  private restore(): void {
    const kept = (JSON.parse(this.hidden.value || "[]") as Partial<Chosen>[]).filter((one): one is Chosen => !!one.name && !!one.kind && !!one.id);
    if (kept.length) this.selection.clear();
    for (const one of kept) {
      this.choices.set(keyOf(one), one);
      this.selection.toggle(one, this.selection.offered.includes(one.role) ? one.role : this.selection.proposed());
    }
    this.draw();
  }

  private mayChoose(choice: Choice): boolean {
    const kind = this.root.dataset["kind"];
    return !kind || choice.kind === kind;
  }

  private roles(): typeof ROLES {
    return ROLES.filter((one) => this.selection.offered.includes(one.role));
  }

  private typed(): void {
    clearTimeout(this.typing);
    this.saidBefore = this.say.textContent;
    this.typing = setTimeout(() => void this.find(), TYPING_MS);
  }

  private async find(): Promise<void> {
    const words = this.search.value.trim();
    if (!words) return this.showRoots();
    const kind = this.root.dataset["kind"];
    const found = await this.ask(`${API}/recipients?q=${encodeURIComponent(words)}${kind ? `&kind=${kind}` : ""}`);
    if (!found) return;
    this.tree.replaceChildren(...found.map((choice) => this.row(choice, 1, false)));
    // What a choice had to say meanwhile is heard first: the row was chosen before the answer came.
    if (this.say.textContent === this.saidBefore) this.say.textContent = found.length ? `Tìm thấy ${found.length}${found.length >= 20 ? " đầu tiên, gõ thêm để thu hẹp" : ""}.` : "Không tìm thấy. Thử ít chữ hơn hoặc chữ khác của tên.";
    this.settleTabStop();
  }

  private async showRoots(): Promise<void> {
    const roots = await this.ask(`${API}/units/0/children`);
    if (!roots) return;
    this.say.textContent = "";
    this.tree.replaceChildren(...roots.map((choice) => this.row(choice, 1, true)));
    const near = this.root.dataset["near"];
    const nearest = near ? await this.ask(`${API}/units/${near}/children`) : null;
    if (nearest?.length) this.tree.prepend(...nearest.map((choice) => this.row(choice, 1, true)));
    else {
      const first = this.tree.querySelector<HTMLElement>('[role="treeitem"][aria-expanded]');
      if (first && roots.length === 1) await this.open(first);
    }
    this.settleTabStop();
  }

  private async ask(url: string): Promise<Choice[] | null> {
    const mine = ++this.asked;
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal: this.abort.signal }).catch((error: unknown) => {
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
      return null;
    });
    if (!response?.ok) {
      this.say.textContent = "Chưa tải được danh sách. Lựa chọn vẫn còn; thử lại sau ít giây.";
      return null;
    }
    const choices = (await response.json()) as Choice[];
    for (const choice of choices) this.choices.set(keyOf(choice), choice);
    // An answer that was overtaken by a later question is not shown.
    return url.includes("/children") || mine === this.asked ? choices : null;
  }

  private row(choice: Choice, level: number, opens: boolean): HTMLLIElement {
    const item = element("li", { role: "treeitem", tabindex: "-1", "aria-level": String(level), "data-key": keyOf(choice), "aria-selected": "false" });
    item.setAttribute("aria-label", choice.detail ? `${choice.name}, ${choice.detail}` : choice.name);
    const line = element("div", { class: "pick-row" });
    line.style.setProperty("--level", String(level - 1));
    if (opens && choice.kind === "unit") {
      item.setAttribute("aria-expanded", "false");
      const opener = element("span", { class: "pick-open", "data-opens-branch": "", "aria-hidden": "true" }, icon("chevron-right", true));
      line.append(opener);
    } else {
      line.append(element("span", { class: "pick-open" }));
    }
    line.append(
      element("span", { class: `ava sm ${choice.kind === "unit" ? "unit" : ""}`, "aria-hidden": "true" }, markOf(choice)),
      element("span", { class: "grow pick-name" }, choice.name, ...(choice.detail ? [element("small", {}, choice.detail)] : [])),
      this.controls(choice),
    );
    item.append(line);
    this.paint(item);
    return item;
  }

  private controls(choice: Choice): HTMLElement {
    const group = element("span", { class: "pick-roles", role: "group", "aria-label": `Vai trò của ${choice.name}` });
    if (!this.mayChoose(choice)) return group;
    if (this.selection.mode === "roles") {
      for (const { role, short, words } of this.roles()) {
        group.append(element("button", { type: "button", tabindex: "-1", "data-role": role, title: words, "aria-label": `${short} · ${words}: ${choice.name}`, "aria-pressed": "false" }, short));
      }
    } else {
      group.append(element("button", { type: "button", tabindex: "-1", "data-role": "informed", "aria-label": `Chọn ${choice.name}`, "aria-pressed": "false" }, "Chọn"));
    }
    return group;
  }

  private async clicked(target: Element): Promise<void> {
    const item = target.closest<HTMLElement>('[role="treeitem"]');
    if (!item) return;
    const button = target.closest<HTMLElement>("[data-role]");
    if (button) this.choose(item, button.dataset["role"] as Role);
    else if (item.hasAttribute("aria-expanded")) await this.toggleBranch(item);
    else if (this.selection.mode !== "roles") this.choose(item, "informed");
    this.focusRow(item);
  }

  private choose(item: HTMLElement, role: Role): void {
    const choice = this.choices.get(item.dataset["key"] ?? "");
    if (!choice) return;
    if (!this.mayChoose(choice)) {
      if (item.hasAttribute("aria-expanded")) void this.toggleBranch(item);
      return;
    }
    const moved = this.selection.toggle(choice, this.selection.mode === "roles" ? role : "informed");
    this.say.textContent = moved ? `Chủ trì chuyển sang ${choice.name}. ${moved.name} thành phối hợp.` : "";
    this.draw();
  }

  private async toggleBranch(item: HTMLElement): Promise<void> {
    if (item.getAttribute("aria-expanded") === "true") {
      item.setAttribute("aria-expanded", "false");
      item.querySelector(":scope > ul")?.setAttribute("hidden", "");
    } else await this.open(item);
  }

  private async open(item: HTMLElement): Promise<void> {
    const branch = item.querySelector<HTMLElement>(":scope > ul");
    item.setAttribute("aria-expanded", "true");
    if (branch) {
      branch.hidden = false;
      return;
    }
    const children = await this.ask(`${API}/units/${item.dataset["key"]?.split(":")[1]}/children`);
    if (!children) {
      item.setAttribute("aria-expanded", "false");
      return;
    }
    if (!children.length) {
      item.removeAttribute("aria-expanded");
      item.querySelector(".pick-open")?.replaceChildren();
      return;
    }
    const level = Number(item.getAttribute("aria-level")) + 1;
    item.append(element("ul", { role: "group" }, ...children.map((choice) => this.row(choice, level, true))));
  }

  private visibleRows(): HTMLElement[] {
    return [...this.tree.querySelectorAll<HTMLElement>('[role="treeitem"]')].filter((row) => !row.closest("ul[hidden]"));
  }

  private focusRow(row: HTMLElement | undefined): void {
    if (!row) return;
    this.tree.querySelectorAll<HTMLElement>('[tabindex="0"]').forEach((one) => (one.tabIndex = -1));
    row.tabIndex = 0;
    row.focus();
  }

  private settleTabStop(): void {
    const first = this.visibleRows()[0];
    if (first && !this.tree.querySelector('[role="treeitem"][tabindex="0"]')) first.tabIndex = 0;
  }

  /** Arrows as in the ARIA tree pattern; 1, 2, 3 or Enter give the role. */
  private async key(event: KeyboardEvent): Promise<void> {
    const item = (event.target as Element).closest<HTMLElement>('[role="treeitem"]');
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = this.visibleRows();
    const at = rows.indexOf(item);
    const expanded = item.getAttribute("aria-expanded");
    const digit = /^(?:Digit|Numpad)([123])$/.exec(event.code)?.[1];
    const act: Record<string, () => unknown> = {
      ArrowDown: () => this.focusRow(rows[at + 1]),
      ArrowUp: () => (at ? this.focusRow(rows[at - 1]) : this.search.focus()),
      Home: () => this.focusRow(rows[0]),
      End: () => this.focusRow(rows.at(-1)),
      ArrowRight: () => (expanded === "false" ? this.open(item) : expanded === "true" ? this.focusRow(rows[at + 1]) : null),
      ArrowLeft: () => (expanded === "true" ? this.toggleBranch(item) : this.focusRow(item.parentElement?.closest<HTMLElement>('[role="treeitem"]') ?? undefined)),
      Enter: () => this.choose(item, this.selection.roleOf(this.choices.get(item.dataset["key"] ?? "") ?? { kind: "unit", id: -1 }) ?? this.selection.proposed()),
      " ": () => this.choose(item, "support"),
    };
    const asked = digit ? ROLES[Number(digit) - 1]?.role : undefined;
    const run = asked ? () => (this.selection.mode !== "roles" || this.selection.offered.includes(asked)) && this.choose(item, asked) : act[event.key];
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    await run();
  }

  private removed(target: Element): void {
    const key = target.closest<HTMLElement>("[data-remove]")?.dataset["remove"];
    const choice = key ? this.choices.get(key) : undefined;
    if (!choice) return;
    this.selection.remove(choice);
    this.draw();
    (this.chosenList.querySelector<HTMLElement>("button") ?? this.search).focus();
  }

  private paint(item: HTMLElement): void {
    const choice = this.choices.get(item.dataset["key"] ?? "");
    const role = choice ? this.selection.roleOf(choice) : null;
    item.setAttribute("aria-selected", String(role !== null));
    item.querySelectorAll<HTMLElement>(":scope > .pick-row [data-role]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset["role"] === role)));
  }

  /** Shows what is chosen. Opening a page is no change: a form that saves itself must not be saved by it. */
  private show(): void {
    this.tree.querySelectorAll<HTMLElement>('[role="treeitem"]').forEach((item) => this.paint(item));
    this.chosenList.replaceChildren(...this.selection.all.map((one) => this.chosenRow(one)));
    this.count.textContent = this.selection.summary();
    this.hidden.value = this.selection.toJson();
    this.hidden.dataset["keptValue"] = this.selection.toKept();
  }

  private draw(): void {
    this.show();
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
    this.root.dispatchEvent(new CustomEvent("recipients:changed", { bubbles: true, detail: { chosen: this.selection.all } }));
  }

  private chosenRow(one: Chosen): HTMLLIElement {
    const words = ROLES.find((role) => role.role === one.role)?.words ?? "";
    return element("li", { class: "pick-chosen-row" },
      element("span", { class: `ava sm ${one.kind === "unit" ? "unit" : ""}`, "aria-hidden": "true" }, markOf(one)),
      element("span", { class: "grow" }, element("b", { class: "b5" }, one.name), ...(one.detail ? [element("small", {}, one.detail)] : [])),
      ...(this.selection.mode === "roles" ? [element("span", { class: `tag ${one.role === "lead" ? "tag-acc" : ""}` }, words)] : []),
      element("button", { type: "button", class: "btn btn-quiet btn-sm btn-ic", "data-remove": keyOf(one), "aria-label": `Bỏ ${one.name}` }, icon("x", true)));
  }
}

/** A unit's symbol, a person's initials: the first letters of family name and given name, as the server draws them. */
function markOf(choice: Choice): string {
  if (choice.mark) return choice.mark;
  const words = choice.name.split(/\s+/).filter(Boolean);
  return `${words[0]?.[0] ?? ""}${words.at(-1)?.[0] ?? ""}`.toUpperCase();
}
