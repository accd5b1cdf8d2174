import { MetadataScanner } from '@nestjs/core'

/** A class, as the target of a decorator or as the `constructor` of an instance. */
export interface ClassLike {
  readonly name: string
  readonly prototype?: object
}

/** A prototype and its ancestors, without `Object.prototype`. */
export function prototypesFrom(prototype: object | undefined): readonly object[] {
  const chain: object[] = []
  let next: object | null = prototype ?? null
  for (; next && next !== Object.prototype; next = Object.getPrototypeOf(next)) chain.push(next)
  return chain
}

/** The function that this object itself, and no ancestor, has under a key. Runs no accessor. */
export function ownMethod(prototype: object, key: string | symbol): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value
  return key !== 'constructor' && typeof value === 'function' ? value : undefined
}

/** The functions of this object itself. */
export function ownMethods(prototype: object): readonly object[] {
  return Reflect.ownKeys(prototype).flatMap((key) => ownMethod(prototype, key) ?? [])
}

/** The functions that a prototype has under the names that NestJS considers, with those that it inherits. */
export function methodsOf(prototype: object): readonly object[] {
  const names = new MetadataScanner().getAllMethodNames(prototype)
  return names.map((name) => Reflect.get(prototype, name)).filter((method) => typeof method === 'function')
}
