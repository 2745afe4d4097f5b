/** Lower case without any mark, as `core.vietnamese.fold`: "Đặng Thuỳ" → "dang thuy". */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/đ/g, "d")
    .split(/\s+/)
    .filter(Boolean)
    .join(" ");
}
