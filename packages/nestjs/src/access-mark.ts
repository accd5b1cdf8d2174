import { SetMetadata } from '@nestjs/common'
import type { PreparedRequirement } from '@portvakt/core'

/** The metadata under which a class or a method says who may call. */
export const ACCESS_MARK = 'portvakt:access'

/** What a decorator declared: a requirement, or that everybody may call. */
export type AccessMark = PreparedRequirement | 'public'

/** A decorator of the kind that NestJS uses (`experimentalDecorators`), for a class or a method. */
export type ClassOrMethodDecorator = <T>(
  target: object,
  key?: string | symbol,
  descriptor?: TypedPropertyDescriptor<T>,
) => void

interface DecoratedMethod {
  readonly prototype: object
  readonly key: string | symbol
}

/** The methods that carry a requirement, wherever they are: few, and they live as long as the program. */
const guardedMethods: DecoratedMethod[] = []

/**
 * Writes the mark. A class or a method has one: of two, the order of the lines would decide.
 *
 * @throws {TypeError} for a second mark, and on anything that is neither class nor method
 */
export function setAccessMark(mark: AccessMark, name: string): ClassOrMethodDecorator {
  return (target, key, descriptor) => {
    const marked: unknown = key === undefined ? target : descriptor?.value
    if (typeof marked !== 'function') {
      throw new TypeError(`@${name} belongs on a class or a method (with experimentalDecorators)`)
    }
    const title = key === undefined ? marked.name : `${target.constructor.name}.${String(key)}`
    if (Reflect.hasOwnMetadata(ACCESS_MARK, marked)) {
      throw new TypeError(`${title} already says who may call: @${name} cannot be added`)
    }
    SetMetadata(ACCESS_MARK, mark)(marked)
    if (key !== undefined && mark !== 'public') guardedMethods.push({ prototype: target, key })
  }
}

/**
 * A decorator that replaces the method (tracing, transactions) and stands above ours takes ours away with it,
 * guard and all, and NestJS would serve the route to everybody.
 *
 * @throws {Error} naming the method
 */
export function checkGuardedMethods(): void {
  for (const { prototype, key } of guardedMethods) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value
    if (typeof method === 'function' && Reflect.hasOwnMetadata(ACCESS_MARK, method)) continue
    throw new Error(
      `Another decorator replaced ${prototype.constructor.name}.${String(key)} after ` +
        '@RequireMaskinportenScope guarded it: put @RequireMaskinportenScope above that decorator',
    )
  }
}
