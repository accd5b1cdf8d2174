import { SetMetadata } from '@nestjs/common'
import type { PreparedRequirement } from '@portvakt/core'
import { type ClassLike, ownMethods, prototypesFrom } from './methods.js'

/** The metadata key for the mark of a class or a method. */
const ACCESS_MARK = 'portvakt:access'
/** NestJS's metadata key for the guards of a class or a method. */
const GUARDS = '__guards__'
/** The metadata keys that @RequireMaskinportenScope writes. */
export const OWN_METADATA: readonly unknown[] = [ACCESS_MARK, GUARDS]
/** Prefix of the hidden prototype member that marks a guarded method. Mixins copy it with the method. */
const GUARDED_METHOD = 'portvakt:guarded:'

const guarded = new Set<object>()

/** Every prototype with a guarded method. */
export const guardedPrototypes = (): Iterable<object> => guarded

/** The access that a decorator declares: a requirement, or `'public'` for an open handler. */
export type AccessMark = PreparedRequirement | 'public'

/** A decorator (`experimentalDecorators`) for a class or a method. */
export type ClassOrMethodDecorator = <T>(
  target: object,
  key?: string | symbol,
  descriptor?: TypedPropertyDescriptor<T>,
) => void

/**
 * The marks of classes, keyed by prototype, because a class shares its prototype with its proxies and
 * wrappers.
 */
const classMarks = new WeakMap<object, AccessMark>()

/**
 * Maps each guarded method to the class whose requirement guards it. Copies of the class share its methods.
 */
const guardingClasses = new WeakMap<object, ClassLike>()

/**
 * Creates the decorator that writes a mark. A class or a method can have only one mark, because the effect of
 * two marks would depend on their order.
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
    if (ownClassMark(marked) !== undefined) {
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
  for (const method of ownMethods(type.prototype)) guardingClasses.set(method, type)
}

/** The keys of a class's guarded methods, including methods that another decorator has replaced. */
export const guardedMethodsOf = (prototype: object): readonly (string | symbol)[] =>
  Object.getOwnPropertyNames(prototype)
    .filter((name) => name.startsWith(GUARDED_METHOD))
    .map((name) => Reflect.get(prototype, name))

const ownMark = (target: object): AccessMark | undefined => Reflect.getOwnMetadata(ACCESS_MARK, target)

export const isRequirement = (mark: AccessMark | undefined): mark is PreparedRequirement =>
  mark !== undefined && mark !== 'public'

const requirementIn = (mark: AccessMark | undefined): PreparedRequirement | undefined =>
  isRequirement(mark) ? mark : undefined

/** The mark of a method. A function that inherits from a guarded function has the same mark. */
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

/** The class whose requirement guards this method, even if NestJS routes the method through another class. */
export const guardingClassOf = (method: object): ClassLike | undefined => guardingClasses.get(method)

/** Whether a class or a method has this guard, from `@RequireMaskinportenScope` or `@UseGuards`. */
export const hasGuard = (target: object, guard: object): boolean =>
  [Reflect.getMetadata(GUARDS, target)].flat().includes(guard)
