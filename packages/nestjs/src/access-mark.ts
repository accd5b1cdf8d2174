import { SetMetadata } from '@nestjs/common'
import type { PreparedRequirement } from '@portvakt/core'
import { type ClassLike, ownMethods, prototypesFrom } from './methods.js'

/** The metadata key of a class's or a method's mark. */
const ACCESS_MARK = 'portvakt:access'
/** Prefix of a hidden member of a prototype, one for each guarded method. Mixins copy it with the method. */
const GUARDED_METHOD = 'portvakt:guarded:'

const guarded = new Set<object>()

/** Every prototype with a guarded method. */
export const guardedPrototypes = (): Iterable<object> => guarded

/** What a decorator declared: a requirement, or that the handler is open. */
export type AccessMark = PreparedRequirement | 'public'

/** A decorator (`experimentalDecorators`) for a class or a method. */
export type ClassOrMethodDecorator = <T>(
  target: object,
  key?: string | symbol,
  descriptor?: TypedPropertyDescriptor<T>,
) => void

/** The marks of classes by prototype, which a class shares with its proxies and wrappers. */
const classMarks = new WeakMap<object, AccessMark>()

/** The class whose requirement guards a method. Copies of the class have the same methods. */
const guardingClasses = new WeakMap<object, ClassLike>()

/**
 * Creates the decorator that writes a mark. A class or a method has one mark: with two, their order would
 * decide.
 *
 * @throws {TypeError} for a second mark, and on anything other than a class or a method
 */
export function setAccessMark(mark: AccessMark, name: string): ClassOrMethodDecorator {
  return (target, key, descriptor) => {
    const marked: unknown = key === undefined ? target : descriptor?.value
    if (typeof marked !== 'function') {
      throw new TypeError(`@${name} belongs on a class or a method (with experimentalDecorators)`)
    }
    const title = key === undefined ? marked.name : `${target.constructor.name}.${String(key)}`
    if ((key === undefined ? ownClassMark(marked) : ownMark(marked)) !== undefined) {
      throw new TypeError(`${title} already has a requirement or is open: @${name} cannot be added`)
    }
    SetMetadata(ACCESS_MARK, mark)(marked)
    if (key === undefined) rememberClass(marked, mark)
    else if (mark !== 'public') {
      Object.defineProperty(target, GUARDED_METHOD + String(key), { value: key })
      guarded.add(target)
    }
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

/** The names of this class's guarded methods, even if another decorator has replaced them. */
export const guardedMethodsOf = (prototype: object): readonly (string | symbol)[] =>
  Object.getOwnPropertyNames(prototype)
    .filter((name) => name.startsWith(GUARDED_METHOD))
    .map((name) => Reflect.get(prototype, name))

const ownMark = (target: object): AccessMark | undefined => Reflect.getOwnMetadata(ACCESS_MARK, target)

export const isRequirement = (mark: AccessMark | undefined): mark is PreparedRequirement =>
  mark !== undefined && mark !== 'public'

const requirementIn = (mark: AccessMark | undefined): PreparedRequirement | undefined =>
  isRequirement(mark) ? mark : undefined

/** The mark of a method. A function whose prototype is a guarded function is guarded as well. */
export function readMethodMark(method: object): AccessMark | undefined {
  return ownMark(method) ?? requirementIn(Reflect.getMetadata(ACCESS_MARK, method))
}

/** The mark of this class, or of a class with the same prototype. */
export function ownClassMark(type: ClassLike): AccessMark | undefined {
  return ownMark(type) ?? (type.prototype && classMarks.get(type.prototype))
}

/** The mark of a routed class. A subclass inherits the nearest requirement, but not `'public'`. */
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
