/** Eleven or more digits, or six digits and five digits that are separated by one to three non-letters. */
const NATIONAL_IDENTITY_NUMBER = /\d{11,}|(?<!\d)\d{6}[^\d\p{L}]{1,3}\d{5}(?!\d)/gu

/** Replaces possible national identity numbers with `mask`, in linear time. */
export function maskPersons(text: string, mask: string): string {
  return text.replace(NATIONAL_IDENTITY_NUMBER, mask)
}

/** Makes `util.inspect` show only own members: its option `getters` would show accessors with personal data. */
export function inspectOwnMembers({ prototype }: { readonly prototype: object }): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: object) {
      return { ...this }
    },
  })
}
