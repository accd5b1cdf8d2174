import { Controller, Get, Scope, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import { bearer, call, PLATFORMS, READ, reasonOf, start, WRITE } from './vedtak-api.js'

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

function controller(type: Type, scope = Scope.DEFAULT): Type {
  Object.defineProperty(type, 'name', { value: 'SubController' })
  Controller({ path: 'sub', scope })(type)
  return type
}

describe.each(PLATFORMS)('inheritance on %s', (_platform, adapter) => {
  const listen = (type: Type, isGlobal = false) => start([type], { adapter, isGlobal })

  describe.each([Scope.DEFAULT, Scope.REQUEST])('scope %s, under a global guard', (scope) => {
    it('a subclass of an open class is not open', async () => {
      const api = await listen(controller(class extends Open {}, scope), true)
      expect(await reasonOf(call(api, '/sub'))).toEqual([403, 'no_guard'])
      expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'no_guard'])
    })

    it('an open class is open', async () => {
      const api = await listen(controller(Open, scope), true)
      expect((await call(api, '/sub')).body).toBe('base')
    })

    it('a method with @SkipMaskinporten is open in every subclass', async () => {
      for (const type of [class extends Open {}, class extends Guarded {}, class extends Base {}]) {
        const api = await listen(controller(type, scope), true)
        expect((await call(api, '/sub/health')).body).toBe('up')
        await api.close()
      }
    })

    it('a method with a requirement is guarded in an open class', async () => {
      const api = await listen(controller(Open, scope), true)
      expect(await reasonOf(call(api, '/sub/write'))).toEqual([401, 'no_credentials'])
    })
  })

  describe.each([false, true])('an inherited requirement (global guard: %s)', (isGlobal) => {
    test.each<[string, () => Type]>([
      ['a guarded class', () => class extends Guarded {}],
      ['a subclass of a guarded class', () => class extends class extends Guarded {} {}],
      ['an open subclass of a guarded class', () => class extends Opened {}],
    ])('a subclass of %s requires the same scope', async (_title, make) => {
      const api = await listen(controller(make()), isGlobal)
      expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
      expect(await reasonOf(call(api, '/sub', await bearer('nav:x.other')))).toEqual([
        403,
        'insufficient_scope',
      ])
      expect((await call(api, '/sub', await bearer())).body).toBe('base')
    })

    it('a subclass’s requirement replaces the inherited one', async () => {
      class Stricter extends Guarded {}
      RequireMaskinportenScope(WRITE)(Stricter)
      const api = await listen(controller(Stricter), isGlobal)
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

    it('the start fails if an instance replaces a method with a stricter requirement than its class', async () => {
      const starting = listen(controller(class extends Loosened {})).then(() => 'started')
      await expect(starting).rejects.toThrow(/^SubController\.find requires a token/)
    })

    it('a method with a stricter requirement than its class answers 403 if it is replaced for one request', async () => {
      const api = await listen(controller(class extends Loosened {}, Scope.REQUEST))
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
    for (const type of [Sub, Shared]) {
      const api = await listen(controller(type))
      expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
      expect((await call(api, '/sub', await bearer())).body).toBe('shared')
      await api.close()
    }
  })

  describe('an override of a guarded method', () => {
    class Override extends Base {
      @Get('write')
      override write() {
        return 'override'
      }
    }

    test.each([Scope.DEFAULT, Scope.REQUEST])(
      'the start fails if an override of a guarded method has no decorator (scope %s)',
      async (scope) => {
        const starting = listen(controller(class extends Override {}, scope)).then(() => 'started')
        await expect(starting).rejects.toThrow(
          /^SubController\.write overrides a method that requires a token/,
        )
      },
    )

    it('an undecorated override is guarded by the requirement of its class', async () => {
      class Declared extends Override {}
      RequireMaskinportenScope(READ)(Declared)
      const api = await listen(controller(Declared))
      expect(await reasonOf(call(api, '/sub/write'))).toEqual([401, 'no_credentials'])
      expect((await call(api, '/sub/write', await bearer())).body).toBe('override')
    })

    it('@SkipMaskinporten on an override or its class opens the override', async () => {
      class OpenOverride extends Base {
        @Get('write')
        @SkipMaskinporten()
        override write() {
          return 'override'
        }
      }
      class OpenClass extends Override {}
      SkipMaskinporten()(OpenClass)
      for (const type of [OpenOverride, OpenClass]) {
        const api = await listen(controller(type), true)
        expect((await call(api, '/sub/write')).body).toBe('override')
        await api.close()
      }
    })

    it('an override without a path is not routed', async () => {
      class Unrouted extends Base {
        override write() {
          return super.write()
        }
      }
      const api = await listen(controller(Unrouted))
      expect((await call(api, '/sub/write')).status).toBe(404)
      expect((await call(api, '/sub')).body).toBe('base')
    })

    it('an override can require a different scope', async () => {
      class Rescoped extends Base {
        @Get('write')
        @RequireMaskinportenScope(READ)
        override write() {
          return 'override'
        }
      }
      const api = await listen(controller(Rescoped))
      expect(await reasonOf(call(api, '/sub/write'))).toEqual([401, 'no_credentials'])
      expect((await call(api, '/sub/write', await bearer())).body).toBe('override')
    })
  })
})
