import { Get, Scope, SetMetadata, type Type } from '@nestjs/common'
import { describe, expect, it, test } from 'vitest'
import {
  type Answers,
  binding,
  call,
  classWith,
  decorated,
  expectAnswers,
  expectNoStart,
  guarded,
  open,
  ReadController,
  requireRead,
  skip,
  start,
  subController,
  withMetadataOf,
} from './vedtak-api.js'

/** A new class with a handler, and with a handler that is open. */
function original(): Type {
  class Original {
    @Get()
    get() {
      return 'read'
    }
    @Get('health')
    @skip
    health() {
      return 'up'
    }
  }
  return Original
}
const guardedClass = () => decorated(original(), requireRead)
const openClass = () => decorated(original(), skip)

class Plain {
  @Get('plain')
  plain() {
    return 'plain'
  }
}

/** A class whose guarded method another decorator replaced, as tracing does. */
const replaced = () =>
  classWith(requireRead, (_target: object, _key: string | symbol, descriptor: PropertyDescriptor) => {
    descriptor.value = () => 'read'
  })
const REPLACED = /^Another decorator replaced \w+\.get after/

/**
 * Copies every member other than `except`, like the mixins in TypeScript's handbook. By default, copies
 * `constructor` too.
 */
function applyMixin(to: Type, from: Type, except?: string): Type {
  for (const name of Object.getOwnPropertyNames(from.prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(from.prototype, name) ?? {}
    if (name !== except) Object.defineProperty(to.prototype, name, descriptor)
  }
  return to
}
const copyMethods = (from: Type, to: Type = class Copy {}) => applyMixin(to, from, 'constructor')

/** A constructor function, as class decorators returned before ES2015. */
function wrapperOf(type: Type): Type {
  function Wrapper(...args: unknown[]) {
    return Reflect.construct(type, args, new.target ?? type)
  }
  Wrapper.prototype = type.prototype
  // TypeScript does not accept a function as a constructor.
  return Wrapper as unknown as Type
}

/** Class decorators that return another class, without the metadata of the original. */
const REPLACERS: readonly (readonly [string, (type: Type) => Type])[] = [
  ['a proxy', (type) => new Proxy(type, {})],
  ['a wrapper with the same prototype', wrapperOf],
  ['a copy of its methods', (type) => copyMethods(type)],
  ['a copy of its methods and its constructor', (type) => applyMixin(class Copy {}, type)],
]

const listen = (type: Type, isGlobal = false) => start([type], { isGlobal })

describe.each(REPLACERS)('a class decorator that returns %s', (returned, replace) => {
  it(`the application does not start if a decorator that returns ${returned} is above @RequireMaskinportenScope`, async () => {
    const message =
      /NestJS would call SubController\.get without asking the guard of @RequireMaskinportenScope on \w+/
    const make = (scope = Scope.DEFAULT) => subController(replace(guardedClass()), { scope })
    for (const isGlobal of [false, true]) await expectNoStart(listen(make(), isGlobal), message)
    await expectNoStart(listen(make(Scope.REQUEST)), message)
    // With another guarded controller, the module can instantiate the guard.
    await expectNoStart(start([ReadController, make()]), message)
  })

  it(`the application does not start if a guarded method was replaced and a class decorator returns ${returned}`, async () => {
    await expectNoStart(listen(subController(replace(replaced()))), REPLACED)
  })

  it(`handlers keep their guards, or stay open, if a class decorator returns ${returned}`, async () => {
    const answer = (type: Type, answers: Answers) =>
      expectAnswers(listen(subController(replace(type))), { '/sub': answers })
    await answer(classWith(requireRead), guarded())
    await answer(original(), open('read'))
    await answer(openClass(), open('read'))
  })
})

it.each(REPLACERS.slice(0, 3))(
  'a decorator of this package above a decorator that returns %s guards or opens the class',
  async (_title, replace) => {
    const make = () => subController(replace(original()))
    for (const isGlobal of [false, true]) {
      const api = listen(decorated(make(), requireRead), isGlobal)
      await expectAnswers(api, { '/sub': guarded(), '/sub/health': open('up') })
    }
    await expectAnswers(listen(decorated(make(), skip), true), { '/sub': open('read') })
  },
)

it.each(REPLACERS.slice(0, 2))(
  'a call of a guarded handler that a request-scoped controller binds is refused if a class decorator returns %s',
  async (_title, replace) => {
    const type = subController(replace(binding(classWith(requireRead))), { scope: Scope.REQUEST })
    // Some versions of NestJS do not find a controller whose class was replaced, and answer 500.
    expect([401, 403, 500]).toContain((await call(await listen(type), '/sub')).status)
  },
)

it('the application does not start if a class copies a function that replaced a guarded method', async () => {
  class Copy {}
  // `applyMixin` would also copy the mark of the guarded method.
  const copied = { value: Reflect.get(replaced().prototype, 'get'), configurable: true }
  Object.defineProperty(Copy.prototype, 'get', copied)
  await expectNoStart(listen(subController(Copy)), REPLACED)
})

const overwriteGuards = SetMetadata('__guards__', [])
const UNASKED =
  'NestJS would call SubController.get without asking the guard of @RequireMaskinportenScope on ' +
  'SubController: another decorator, or a mixin, replaced, wrapped or copied the class. Put ' +
  '@RequireMaskinportenScope above that decorator, or on the methods'
const REMOVED =
  'SubController.get requires a token, but another decorator removed the guard. Put @RequireMaskinportenScope ' +
  'above that decorator'

test.each<[string, () => Type, Error | RegExp]>([
  [
    'a mixin replaces the constructor of a guarded class',
    () => applyMixin(guardedClass(), Plain),
    new Error(UNASKED),
  ],
  [
    'an undecorated class mixes in methods of a guarded class',
    () => copyMethods(guardedClass()),
    /SubController\.get without asking the guard .* on Original/,
  ],
  [
    'a decorator overwrites the guards of a method',
    () => classWith(requireRead, overwriteGuards),
    new Error(REMOVED),
  ],
  [
    'a decorator overwrites the guards of a class',
    () => decorated(guardedClass(), overwriteGuards),
    new Error(UNASKED),
  ],
])('the application does not start if %s', async (_title, make, message) => {
  await expectNoStart(listen(subController(make())), message)
})

const copyOf = (type: Type) => withMetadataOf(type, copyMethods(type))

test.each<[string, () => Type, Record<string, Answers>]>([
  [
    'methods of a guarded class mixed into a class with its own requirement are guarded',
    () => copyMethods(guardedClass(), decorated(class {}, requireRead)),
    { '/sub': guarded(), '/sub/health': open('up') },
  ],
  [
    'methods of a guarded class mixed into an open class are open',
    () => copyMethods(guardedClass(), decorated(class {}, skip)),
    { '/sub': open('read') },
  ],
  [
    'a subclass of a copy of a guarded class and its metadata is guarded',
    () => class extends copyOf(guardedClass()) {},
    { '/sub': guarded() },
  ],
  ['a copy of an open class and its metadata is open', () => copyOf(openClass()), { '/sub': open('read') }],
])('%s, with and without a global guard', async (_title, make, answers) => {
  for (const isGlobal of [false, true]) {
    await expectAnswers(listen(subController(make()), isGlobal), answers)
  }
})
