import { SetMetadata } from '@nestjs/common'
import type { PreparedRequirement } from '@portvakt/core'
import { type ClassLike, ownMethods, prototypesFrom } from './methods.js'

/** The metadata under which a class or a method says who may call. */
const ACCESS_MARK = 'portvakt:access'

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
export const guardedMethods: DecoratedMethod[] = []

/** The marks of classes by prototype, which a proxy or a wrapper of a class shares with that class. */
const classMarks = new WeakMap<object, AccessMark>()

/** The class whose requirement guards a method, so that a copy of the class is recognised by its methods. */
const guardingClasses = new WeakMap<object, ClassLike>()

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
    if ((key === undefined ? ownClassMark(marked) : ownMark(marked)) !== undefined) {
      throw new TypeError(`${title} already says who may call: @${name} cannot be added`)
    }
    SetMetadata(ACCESS_MARK, mark)(marked)
    if (key === undefined) rememberClass(marked, mark)
    else if (mark !== 'public') guardedMethods.push({ prototype: target, key })
  }
}

function rememberClass(type: ClassLike, mark: AccessMark): void {
  if (!type.prototype) return
  classMarks.set(type.prototype, mark)
  if (mark === 'public') return
  for (const method of ownMethods(type.prototype)) {
    if (readMethodMark(method) === undefined) guardingClasses.set(method, type)
  }
}

const ownMark = (target: object): AccessMark | undefined => Reflect.getOwnMetadata(ACCESS_MARK, target)

/** Whether the mark is a requirement, and neither absent nor `'public'`. */
export const isRequirement = (mark: AccessMark | undefined): mark is PreparedRequirement =>
  mark !== undefined && mark !== 'public'

const requirementIn = (mark: AccessMark | undefined): PreparedRequirement | undefined =>
  isRequirement(mark) ? mark : undefined

/** The mark of a method. A function that has a guarded function as its prototype is guarded as well. */
export function readMethodMark(method: object): AccessMark | undefined {
  return ownMark(method) ?? requirementIn(Reflect.getMetadata(ACCESS_MARK, method))
}

/** The mark of this very class, or of one that shares its prototype. */
export function ownClassMark(type: ClassLike): AccessMark | undefined {
  return ownMark(type) ?? (type.prototype && classMarks.get(type.prototype))
}

/**
 * The mark that holds for a routed class. A subclass inherits the nearest requirement. It does not inherit
 * `'public'`, which opens the decorated class alone.
 */
export function readClassMark(type: ClassLike): AccessMark | undefined {
  const own = ownClassMark(type)
  if (own !== undefined) return own
  const inherited = prototypesFrom(type.prototype).map((prototype) =>
    requirementIn(classMarks.get(prototype)),
  )
  return inherited.find(Boolean) ?? requirementIn(Reflect.getMetadata(ACCESS_MARK, type))
}

/** The class whose requirement guards this method, wherever the method is routed. */
export const guardingClassOf = (method: object): ClassLike | undefined => guardingClasses.get(method)
