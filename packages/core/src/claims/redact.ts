/** Eleven or more digits; or six digits, one to three characters other than letters, and five digits. */
const NATIONAL_IDENTITY_NUMBER = /\d{11,}|(?<!\d)\d{6}[^\d\p{L}]{1,3}\d{5}(?!\d)/gu

/** Replaces possible national identity numbers with `mask`, in linear time. */
export function maskPersons(text: string, mask: string): string {
  return text.replace(NATIONAL_IDENTITY_NUMBER, mask)
}

/**
 * Makes `util.inspect` show only own members, because its option `getters` would show personal data in
 * accessors.
 */
export function inspectOwnMembers({ prototype }: { readonly prototype: object }): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: object) {
      return { ...this }
    },
  })
}
