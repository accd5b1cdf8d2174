import { applyDecorators, Get, Scope, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  bearer,
  CLOSED,
  call,
  classWith,
  decorated,
  expectAnswers,
  expectNoStart,
  guarded,
  open,
  PLATFORMS,
  READ,
  reasonOf,
  start,
  subController,
  WRITE,
} from './vedtak-api.js'

class Base {
  @Get()
  get() {
    return 'base'
  }

  @Get('health')
  @SkipMaskinporten()
  health() {
    return 'up'
  }

  @Get('write')
  @RequireMaskinportenScope(WRITE)
  write() {
    return 'write'
  }
}

@SkipMaskinporten()
class Open extends Base {}

@RequireMaskinportenScope(READ)
class Guarded extends Base {}

@SkipMaskinporten()
class Opened extends Guarded {}

describe.each(PLATFORMS)('inheritance on %s', (platform, adapter) => {
  const listen = (type: Type, { isGlobal = false, scope = Scope.DEFAULT } = {}) =>
    start([subController(type, { scope })], { adapter, isGlobal })

  describe.each([Scope.DEFAULT, Scope.REQUEST])('under a global guard (Scope enum value %s)', (scope) => {
    const listenGlobally = (type: Type) => listen(type, { isGlobal: true, scope })

    it(`on ${platform}, under a global guard, a subclass does not inherit @SkipMaskinporten from its base class (Scope enum value ${scope})`, async () => {
      await expectAnswers(listenGlobally(class extends Open {}), { '/sub': CLOSED })
    })

    it(`on ${platform}, under a global guard, @SkipMaskinporten on a class opens only its methods without a requirement (Scope enum value ${scope})`, async () => {
      const api = await listenGlobally(Open)
      await expectAnswers(api, { '/sub': open('base') })
      expect(await reasonOf(call(api, '/sub/write'))).toEqual([401, 'no_credentials'])
    })

    it(`on ${platform}, under a global guard, a method with @SkipMaskinporten is open in every subclass (Scope enum value ${scope})`, async () => {
      for (const type of [class extends Open {}, class extends Guarded {}, class extends Base {}]) {
        await expectAnswers(listenGlobally(type), { '/sub/health': open('up') })
      }
    })
  })

  describe.each([false, true])('an inherited requirement (global guard: %s)', (isGlobal) => {
    test.each<[string, () => Type]>([
      ['a guarded class', () => class extends Guarded {}],
      ['a subclass of a guarded class', () => class extends class extends Guarded {} {}],
      ['an open subclass of a guarded class', () => class extends Opened {}],
    ])(
      `on ${platform}, a subclass of %s requires the same scope (global guard: ${isGlobal})`,
      async (_title, make) => {
        const api = await listen(make(), { isGlobal })
        await expectAnswers(api, { '/sub': guarded('base') })
        const refused = await reasonOf(call(api, '/sub', await bearer({ scope: 'nav:x.other' })))
        expect(refused).toEqual([403, 'insufficient_scope'])
      },
    )

    it(`on ${platform}, a subclass’s requirement replaces the requirement of its base class (global guard: ${isGlobal})`, async () => {
      const stricter = decorated(class extends Guarded {}, RequireMaskinportenScope(WRITE))
      const api = await listen(stricter, { isGlobal })
      expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'insufficient_scope'])
      expect((await call(api, '/sub', await bearer({ scope: WRITE }))).body).toBe('base')
    })
  })

  describe('a method with a stricter requirement than its class', () => {
    @RequireMaskinportenScope(READ)
    class Strict {
      @Get()
      @RequireMaskinportenScope(WRITE)
      find(): unknown {
        return 'strict'
      }
    }
    class Loosened extends Strict {
      override find = () => 'loosened'
    }

    it(`on ${platform}, the application does not start if an instance replaces a method whose requirement is stricter than its class’s`, async () => {
      await expectNoStart(listen(class extends Loosened {}), /^SubController\.find requires a token/)
    })

    it(`on ${platform}, a method that a request-scoped instance replaces answers 403 if its requirement is stricter than its class’s`, async () => {
      await expectAnswers(listen(class extends Loosened {}, { scope: Scope.REQUEST }), { '/sub': CLOSED })
    })
  })

  it(`on ${platform}, an inherited method that a subclass decorates is guarded in both classes`, async () => {
    const Shared = classWith()
    const inherited = Object.getOwnPropertyDescriptor(Shared.prototype, 'get')
    const Sub = class extends Shared {}
    RequireMaskinportenScope(READ)(Sub.prototype, 'get', inherited)
    for (const type of [Sub, Shared]) await expectAnswers(listen(type), { '/sub': guarded() })
  })

  describe('an override of a guarded method', () => {
    /** A class whose override has these decorators. */
    const overrideWith = (...decorators: MethodDecorator[]): Type => {
      class Override extends Base {
        @Get('write')
        @applyDecorators(...decorators)
        override write() {
          return 'override'
        }
      }
      return Override
    }

    test.each([Scope.DEFAULT, Scope.REQUEST])(
      `on ${platform}, the application does not start if neither an override of a guarded method nor its class is decorated (Scope enum value %s)`,
      async (scope) => {
        const message =
          'SubController.write overrides a method that requires a token, and NestJS would call it without asking ' +
          'the guard. Put @RequireMaskinportenScope or @SkipMaskinporten on the override'
        for (const type of [overrideWith(), class extends overrideWith() {}]) {
          await expectNoStart(listen(type, { scope }), new Error(message))
        }
      },
    )

    it(`on ${platform}, an undecorated override is guarded if its class has a requirement`, async () => {
      for (const type of [overrideWith(), class extends overrideWith() {}]) {
        const starting = listen(decorated(type, RequireMaskinportenScope(READ)))
        await expectAnswers(starting, { '/sub/write': guarded('override') })
      }
    })

    it(`on ${platform}, @SkipMaskinporten on an override or its class opens the override`, async () => {
      const skip = SkipMaskinporten()
      const inheriting = decorated(class extends overrideWith() {}, skip)
      for (const type of [overrideWith(skip), decorated(overrideWith(), skip), inheriting]) {
        await expectAnswers(listen(type, { isGlobal: true }), { '/sub/write': open('override') })
      }
    })

    it(`on ${platform}, an override without a route decorator is not routed`, async () => {
      class Unrouted extends Base {
        override write() {
          return super.write()
        }
      }
      const api = await listen(Unrouted)
      expect((await call(api, '/sub/write')).status).toBe(404)
      await expectAnswers(api, { '/sub': open('base') })
    })

    it(`on ${platform}, an override can require a different scope`, async () => {
      const type = overrideWith(RequireMaskinportenScope(READ))
      await expectAnswers(listen(type), { '/sub/write': guarded('override') })
    })
  })
})
