import { Controller, Get, Scope, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  applyMixin,
  call,
  classWith,
  decorated,
  expectAnswers,
  expectNoStart,
  guarded,
  open,
  PLATFORMS,
  READ,
  ReadController,
  start,
} from './vedtak-api.js'

type ClassDecorator = (type: Type) => Type

/** A method decorator that replaces the method, as tracing does. */
const replaceMethod = (_target: object, _key: string | symbol, descriptor: PropertyDescriptor): void => {
  descriptor.value = () => 'read'
}

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
const REPLACERS: readonly (readonly [string, ClassDecorator])[] = [
  ['a proxy', (type) => new Proxy(type, {})],
  ['a wrapper with the same prototype', wrapperOf],
  ['a copy of its methods', (type) => applyMixin(class Copy {}, type, 'constructor')],
  ['a copy of its methods and its constructor', (type) => applyMixin(class Copy {}, type)],
]

function original(): Type {
  class Original {
    @Get()
    get() {
      return 'read'
    }
    @Get('health')
    @SkipMaskinporten()
    health() {
      return 'up'
    }
  }
  return Original
}

const replaced = () => classWith(RequireMaskinportenScope(READ), replaceMethod)
const REPLACED = /^Another decorator replaced \w+\.get after/

/** Applies the decorators in the order of the list. In source code, the first one would be the lowest. */
const decorate = (...decorators: ClassDecorator[]) =>
  decorators.reduce((type, decorator) => decorator(type), original())
const named = (type: Type): Type => Object.defineProperty(type, 'name', { value: 'CopiedController' })
const asController: ClassDecorator = (type) => decorated(named(type), Controller('copied'))
const asRequestScoped: ClassDecorator = (type) =>
  decorated(named(type), Controller({ path: 'copied', scope: Scope.REQUEST }))
const guard: ClassDecorator = (type) => decorated(type, RequireMaskinportenScope(READ))
const skip: ClassDecorator = (type) => decorated(type, SkipMaskinporten())

describe.each(PLATFORMS)('class decorators on %s', (platform, adapter) => {
  const listen = (controllers: readonly Type[], isGlobal = false) => start(controllers, { adapter, isGlobal })

  describe.each(REPLACERS)('a class decorator that returns %s', (returned, replace) => {
    test.each([
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ])(
      `the application does not start if a decorator that returns ${returned} is above @RequireMaskinportenScope (other guarded controller: %s, global guard: %s)`,
      async (hasOtherGuard, isGlobal) => {
        // With another guarded controller, the module can instantiate the guard.
        const type = decorate(guard, replace, asController)
        await expectNoStart(
          listen(hasOtherGuard ? [ReadController, type] : [type], isGlobal),
          /NestJS would call CopiedController\.get without asking the guard of @RequireMaskinportenScope on \w+/,
        )
      },
    )

    it(`on ${platform}, the application does not start if a decorator that returns ${returned} is above @RequireMaskinportenScope on a request-scoped controller`, async () => {
      await expectNoStart(listen([decorate(guard, replace, asRequestScoped)]), /CopiedController\.get/)
    })

    it(`on ${platform}, a guarded method keeps its guard if a class decorator returns ${returned}`, async () => {
      const type = asController(replace(classWith(RequireMaskinportenScope(READ))))
      await expectAnswers(listen([type]), { '/copied': guarded() })
    })

    it(`on ${platform}, a guarded handler that a request-scoped controller binds does not run if a class decorator returns ${returned}`, async () => {
      let handled = 0
      class Original {
        constructor() {
          this.get = this.get.bind(this)
        }
        @Get()
        @RequireMaskinportenScope(READ)
        get() {
          return ++handled
        }
      }
      // Some versions of NestJS do not find a controller whose class was replaced, and answer 500.
      const { status } = await call(await listen([asRequestScoped(replace(Original))]), '/copied')
      expect([401, 403, 500]).toContain(status)
      expect(handled).toBe(0)
    })

    it(`on ${platform}, the application does not start if a guarded method was replaced and a class decorator returns ${returned}`, async () => {
      await expectNoStart(listen([asController(replace(replaced()))]), REPLACED)
    })

    it(`on ${platform}, a class without a requirement stays open if a class decorator returns ${returned}`, async () => {
      await expectAnswers(listen([decorate(replace, asController)]), { '/copied': open('read') })
    })

    it(`on ${platform}, a class that @SkipMaskinporten opens stays open if a class decorator returns ${returned}`, async () => {
      await expectAnswers(listen([decorate(skip, replace, asController)]), { '/copied': open('read') })
    })
  })

  it(`on ${platform}, the application does not start if a class copies a function that replaced a guarded method`, async () => {
    class Copy {}
    // `applyMixin` would also copy the mark of the guarded method.
    const copied = { value: Reflect.get(replaced().prototype, 'get'), configurable: true }
    Object.defineProperty(Copy.prototype, 'get', copied)
    await expectNoStart(listen([asController(Copy)]), REPLACED)
  })

  describe.each(REPLACERS.slice(0, 3))('decorators above a decorator returning %s', (returned, replace) => {
    test.each([false, true])(
      `@RequireMaskinportenScope above a decorator that returns ${returned} guards the class (global guard: %s)`,
      async (isGlobal) => {
        const api = listen([decorate(replace, asController, guard)], isGlobal)
        await expectAnswers(api, { '/copied': guarded(), '/copied/health': open('up') })
      },
    )

    it(`on ${platform}, @SkipMaskinporten above a decorator that returns ${returned} opens the class under a global guard`, async () => {
      const api = listen([decorate(replace, asController, skip)], true)
      await expectAnswers(api, { '/copied': open('read') })
    })
  })
})
