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
