/** Eleven digits, also with up to three characters other than letters between the date of birth and the rest. */
const NATIONAL_IDENTITY_NUMBER = /\d{11,}|(?<!\d)\d{6}[^\d\p{L}]{1,3}\d{5}(?!\d)/gu

/**
 * A text without anything that may be a national identity number. The cost is linear in its length.
 *
 * @param mask what stands in its place
 * @example
 * maskPersons('/person/010101-99999', '***') // '/person/***'
 */
export function maskPersons(text: string, mask: string): string {
  return text.replace(NATIONAL_IDENTITY_NUMBER, mask)
}

/**
 * Makes `util.inspect` show the own members of a class's objects only. With `showHidden` and `getters` it would also
 * call the accessors of the class, which give personal data.
 */
export function inspectOwnMembers({ prototype }: { readonly prototype: object }): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: object) {
      return { ...this }
    },
  })
}
