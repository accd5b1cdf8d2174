import { MetadataScanner } from '@nestjs/core'

export interface ClassLike {
  readonly name: string
  readonly prototype?: object
}

/** Whether a value is an object or a function, as a constructor can return. */
export const isObject = (value: unknown): value is object => Object(value) === value
export const isFunction = (value: unknown): value is object => typeof value === 'function'

/** A prototype and its ancestors, without `Object.prototype`. */
export function prototypesFrom(prototype: object | null | undefined): readonly object[] {
  const chain: object[] = []
  let next = prototype ?? null
  for (; next && next !== Object.prototype; next = Object.getPrototypeOf(next)) chain.push(next)
  return chain
}

/** Returns an object's own member if it is a function. Does not run accessors. */
export function ownMethod(prototype: object, key: string | symbol): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value
  return key !== 'constructor' && isFunction(value) ? value : undefined
}

export function ownMethods(prototype: object): readonly object[] {
  return Reflect.ownKeys(prototype).flatMap((key) => ownMethod(prototype, key) ?? [])
}

/** The names of the methods that NestJS treats as possible handlers, including inherited methods. */
export const methodNamesOf = (prototype: object | null): readonly string[] =>
  new MetadataScanner().getAllMethodNames(prototype)

export const methodsOf = (prototype: object): readonly object[] =>
  methodNamesOf(prototype).map((name) => Reflect.get(prototype, name))
