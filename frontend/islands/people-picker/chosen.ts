/** Who is chosen in which role. One lead at most: choosing another moves it, and the caller is told whom it left. */
export type Role = "lead" | "support" | "informed";
export const ROLES: readonly { role: Role; short: string; words: string }[] = [
  { role: "lead", short: "CT", words: "Chủ trì" },
  { role: "support", short: "PH", words: "Phối hợp" },
  { role: "informed", short: "ĐB", words: "Nhận để biết" },
];

export interface Choice {
  kind: "unit" | "person";
  id: number;
  name: string;
  /** What stands in the round: a unit's symbol, a person's initials. */
  mark?: string;
  detail: string;
  path: string;
}
export interface Chosen extends Choice {
  role: Role;
}
export type Mode = "roles" | "single" | "multi";

export function keyOf(choice: Pick<Choice, "kind" | "id">): string {
  return `${choice.kind}:${choice.id}`;
}

export class Selection {
  private readonly entries = new Map<string, Chosen>();

  constructor(readonly mode: Mode, readonly offered: readonly Role[] = ROLES.map((one) => one.role)) {}

  clear(): void {
    this.entries.clear();
  }

  get all(): readonly Chosen[] {
    const order = ROLES.map((one) => one.role);
    return [...this.entries.values()].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  }

  roleOf(choice: Pick<Choice, "kind" | "id">): Role | null {
    return this.entries.get(keyOf(choice))?.role ?? null;
  }

  /** Put `choice` into `role`; the same role again takes it out. Returns who lost the lead, if anyone. */
  toggle(choice: Choice, role: Role): Chosen | null {
    const key = keyOf(choice);
    if (this.entries.get(key)?.role === role) {
      this.entries.delete(key);
      return null;
    }
    if (this.mode === "single") this.entries.clear();
    let moved: Chosen | null = null;
    if (this.mode === "roles" && role === "lead") {
      moved = this.all.find((one) => one.role === "lead" && keyOf(one) !== key) ?? null;
      if (moved) this.entries.set(keyOf(moved), { ...moved, role: "support" });
    }
    this.entries.set(key, { ...choice, role });
    return moved;
  }

  remove(choice: Pick<Choice, "kind" | "id">): void {
    this.entries.delete(keyOf(choice));
  }

  summary(): string {
    if (this.mode !== "roles") return this.entries.size ? `Đã chọn ${this.entries.size}` : "Chưa chọn nơi nhận";
    const parts = ROLES.map(({ role, words }) => {
      const count = this.all.filter((one) => one.role === role).length;
      return count ? `${count} ${words.toLowerCase()}` : "";
    }).filter(Boolean);
    return parts.join(", ") || "Chưa chọn nơi nhận";
  }

  /** The role that Enter proposes: the lead while there is none and it is on offer. */
  proposed(): Role {
    const [first, second] = this.offered;
    const led = this.all.some((one) => one.role === "lead");
    return (first === "lead" && led ? second : first) ?? "informed";
  }

  /** All that is needed to show the choice again, for what is kept in the browser. */
  toKept(): string {
    return JSON.stringify(this.all);
  }

  toJson(): string {
    return JSON.stringify(this.all.map(({ kind, id, role }) => (this.mode === "roles" ? { kind, id, role } : { kind, id })));
  }
}
