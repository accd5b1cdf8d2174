import { Get, Scope, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  bearer,
  call,
  expectGuarded,
  expectNoStart,
  expectOpen,
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

describe.each(PLATFORMS)('inheritance on %s', (_platform, adapter) => {
  const listen = (type: Type, { isGlobal = false, scope = Scope.DEFAULT } = {}) =>
    start([subController(type, { scope })], { adapter, isGlobal })

  describe.each([Scope.DEFAULT, Scope.REQUEST])('under a global guard (Scope enum value %s)', (scope) => {
    const listenGlobally = (type: Type) => listen(type, { isGlobal: true, scope })

    it('under a global guard, a subclass does not inherit @SkipMaskinporten from its base class', async () => {
      const api = await listenGlobally(class extends Open {})
      expect(await reasonOf(call(api, '/sub'))).toEqual([403, 'no_guard'])
      expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'no_guard'])
    })

    it('@SkipMaskinporten on a class opens only its methods without a requirement', async () => {
      const api = await listenGlobally(Open)
      await expectOpen(api, '/sub', 'base')
      expect(await reasonOf(call(api, '/sub/write'))).toEqual([401, 'no_credentials'])
    })

    it('a method with @SkipMaskinporten is open in every subclass', async () => {
      for (const type of [class extends Open {}, class extends Guarded {}, class extends Base {}]) {
        await expectOpen(await listenGlobally(type), '/sub/health', 'up')
      }
    })
  })

  describe.each([false, true])('an inherited requirement (global guard: %s)', (isGlobal) => {
    test.each<[string, () => Type]>([
      ['a guarded class', () => class extends Guarded {}],
      ['a subclass of a guarded class', () => class extends class extends Guarded {} {}],
      ['an open subclass of a guarded class', () => class extends Opened {}],
    ])('a subclass of %s requires the same scope', async (_title, make) => {
      const api = await listen(make(), { isGlobal })
      await expectGuarded(api, '/sub', 'base')
      const refused = await reasonOf(call(api, '/sub', await bearer('nav:x.other')))
      expect(refused).toEqual([403, 'insufficient_scope'])
    })

    it('a subclass’s requirement replaces the requirement of its base class', async () => {
      class Stricter extends Guarded {}
      RequireMaskinportenScope(WRITE)(Stricter)
      const api = await listen(Stricter, { isGlobal })
      expect(await reasonOf(call(api, '/sub', await bearer(READ)))).toEqual([403, 'insufficient_scope'])
      expect((await call(api, '/sub', await bearer(WRITE))).body).toBe('base')
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

    it('the application does not start if an instance replaces a method whose requirement is stricter than its class’s', async () => {
      await expectNoStart(listen(class extends Loosened {}), /^SubController\.find requires a token/)
    })

    it('a method that a request-scoped instance replaces answers 403 if its requirement is stricter than its class’s', async () => {
      const api = await listen(class extends Loosened {}, { scope: Scope.REQUEST })
      expect(await reasonOf(call(api, '/sub', await bearer(READ)))).toEqual([403, 'no_guard'])
    })
  })

  it('an inherited method that a subclass decorates is guarded in both classes', async () => {
    class Shared {
      @Get()
      get() {
        return 'shared'
      }
    }
    class Sub extends Shared {}
    const inherited = Object.getOwnPropertyDescriptor(Shared.prototype, 'get')
    RequireMaskinportenScope(READ)(Sub.prototype, 'get', inherited)
    for (const type of [Sub, Shared]) await expectGuarded(await listen(type), '/sub', 'shared')
  })

  describe('an override of a guarded method', () => {
    class Override extends Base {
      @Get('write')
      override write() {
        return 'override'
      }
    }
    /** A class whose override has this decorator. */
    const overrideWith = (decorate: MethodDecorator): Type => {
      class Decorated extends Base {
        @Get('write')
        @decorate
        override write() {
          return 'override'
        }
      }
      return Decorated
    }

    test.each([Scope.DEFAULT, Scope.REQUEST])(
      'the application does not start if neither an override of a guarded method nor its class is decorated (Scope enum value %s)',
      async (scope) => {
        const message =
          'SubController.write overrides a method that requires a token, and NestJS would call it without asking ' +
          'the guard. Put @RequireMaskinportenScope or @SkipMaskinporten on the override'
        await expectNoStart(listen(class extends Override {}, { scope }), new Error(message))
      },
    )

    it('an undecorated override is guarded if its class has a requirement', async () => {
      class Declared extends Override {}
      RequireMaskinportenScope(READ)(Declared)
      await expectGuarded(await listen(Declared), '/sub/write', 'override')
    })

    it('@SkipMaskinporten on an override or its class opens the override', async () => {
      class OpenClass extends Override {}
      SkipMaskinporten()(OpenClass)
      for (const type of [overrideWith(SkipMaskinporten()), OpenClass]) {
        await expectOpen(await listen(type, { isGlobal: true }), '/sub/write', 'override')
      }
    })

    it('an override without a route decorator is not routed', async () => {
      class Unrouted extends Base {
        override write() {
          return super.write()
        }
      }
      const api = await listen(Unrouted)
      expect((await call(api, '/sub/write')).status).toBe(404)
      await expectOpen(api, '/sub', 'base')
    })

    it('an override can require a different scope', async () => {
      const type = overrideWith(RequireMaskinportenScope(READ))
      await expectGuarded(await listen(type), '/sub/write', 'override')
    })
  })
})
