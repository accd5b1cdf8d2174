// An application can install two copies of this package, whose classes differ.
const COPY = Symbol.for('@portvakt/core')
const THIS_COPY = Symbol('copy')

interface Marked {
  readonly [COPY]?: symbol
}

/** The member of an object that identifies the copy of this package that made the object. */
export const copyMark: Marked = Object.freeze({ [COPY]: THIS_COPY })

/** Whether another copy of this package made the object. An object without a mark is the application's own. */
export function isFromAnotherCopy(object: object): boolean {
  const { [COPY]: copy }: Marked = object
  return copy !== undefined && copy !== THIS_COPY
}
