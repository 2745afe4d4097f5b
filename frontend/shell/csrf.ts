/** The CSRF token of this page, for requests made by scripts. */
export function csrfToken(root: Document = document): string {
  return root.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}
