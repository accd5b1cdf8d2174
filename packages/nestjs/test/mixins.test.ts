import { applyDecorators, Controller, Get, mixin, SetMetadata, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import { applyMixin, bearer, call, PLATFORMS, READ, reasonOf, start } from './vedtak-api.js'

@RequireMaskinportenScope(READ)
class Guarded {
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

class Plain {
  @Get('plain')
  plain() {
    return 'plain'
  }
}

describe.each(PLATFORMS)('mixins on %s', (_platform, adapter) => {
  const listen = (...controllers: Type[]) => start(controllers, { adapter })
  const expectGuarded = async (...controllers: Type[]) => {
    const api = await listen(...controllers)
    expect(await reasonOf(call(api, '/mixed'))).toEqual([401, 'no_credentials'])
    expect((await call(api, '/mixed', await bearer())).body).toBe('read')
    return api
  }
  const expectNoStart = async (message: RegExp, ...controllers: Type[]) => {
    await expect(listen(...controllers).then(() => 'started')).rejects.toThrow(message)
  }

  it('the start fails if a mixin replaces the constructor of a guarded class', async () => {
    @Controller('mixed')
    @RequireMaskinportenScope(READ)
    class MixedController {
      @Get()
      get() {
        return 'read'
      }
    }
    applyMixin(MixedController, Plain)
    await expectNoStart(
      /MixedController\.get without asking the guard .* on MixedController/,
      MixedController,
    )
  })

  it('a guarded method keeps its guard if a mixin replaces the constructor of its class', async () => {
    @Controller('mixed')
    class MixedController {
      @Get()
      @RequireMaskinportenScope(READ)
      get() {
        return 'read'
      }
    }
    applyMixin(MixedController, Plain)
    const api = await expectGuarded(MixedController)
    expect((await call(api, '/mixed/plain')).body).toBe('plain')
  })

  it('the start fails if methods of a guarded class are mixed into an undecorated class', async () => {
    @Controller('mixed')
    class MixedController {}
    applyMixin(MixedController, Guarded, 'constructor')
    await expectNoStart(/MixedController\.get without asking the guard .* on Guarded/, MixedController)
  })

  test.each<[string, Type]>([
    ['a class with its own requirement', class {}],
    ['a subclass of a guarded class', class extends Guarded {}],
  ])('methods of a guarded class mixed into %s are guarded', async (_title, MixedController) => {
    if (!(MixedController.prototype instanceof Guarded)) RequireMaskinportenScope(READ)(MixedController)
    Controller('mixed')(MixedController)
    applyMixin(MixedController, Guarded, 'constructor')
    const api = await expectGuarded(MixedController)
    expect((await call(api, '/mixed/health')).body).toBe('up')
  })

  it('methods of a guarded class mixed into an open class are open', async () => {
    @Controller('mixed')
    @SkipMaskinporten()
    class MixedController {}
    applyMixin(MixedController, Guarded, 'constructor')
    expect((await call(await listen(MixedController), '/mixed')).body).toBe('read')
  })

  it('guarded methods keep their guards if a class decorator returns a subclass', async () => {
    const traced = (type: Type): Type => class TracedController extends type {}
    class MixedController extends Guarded {}
    const type = traced(MixedController)
    Controller('mixed')(type)
    await expectGuarded(type)
  })

  it('a copy of a class keeps its guards if the metadata is copied too', async () => {
    class MixedController {}
    applyMixin(MixedController, Guarded, 'constructor')
    for (const key of Reflect.getMetadataKeys(Guarded)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, Guarded), MixedController)
    }
    Controller('mixed')(MixedController)
    for (const type of [MixedController, class extends MixedController {}]) {
      const api = await expectGuarded(type)
      await api.close()
    }
  })

  it('a global guard refuses requests to a class with wrapped copies of guarded methods', async () => {
    @Controller('mixed')
    class MixedController {}
    const wrapped = () => 'read'
    for (const key of ['path', 'method']) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, Guarded.prototype.get), wrapped)
    }
    Object.defineProperty(MixedController.prototype, 'get', { value: wrapped })
    const api = await start([MixedController], { adapter, isGlobal: true })
    expect(await reasonOf(call(api, '/mixed', await bearer()))).toEqual([403, 'no_guard'])
  })

  it('controllers that extend a guarded mixin class have its guards', async () => {
    function guardedBy(scope: string): Type {
      class Mixin {
        @applyDecorators(Get(), RequireMaskinportenScope(scope))
        get() {
          return 'read'
        }
      }
      return mixin(Mixin)
    }
    @Controller('mixed')
    class MixedController extends guardedBy(READ) {}
    @Controller('other')
    class OtherController extends guardedBy('nav:x.other') {}
    const api = await expectGuarded(MixedController, OtherController)
    expect(await reasonOf(call(api, '/other', await bearer()))).toEqual([403, 'insufficient_scope'])
  })

  it('the application starts if a guarded class is not registered', async () => {
    @Controller('plain')
    class PlainController extends Plain {}
    expect((await call(await listen(PlainController), '/plain/plain')).body).toBe('plain')
  })

  describe('a decorator that overwrites the guards', () => {
    const overwrite = SetMetadata('__guards__', [])

    it('the start fails if a decorator overwrites the guards of a method', async () => {
      @Controller('mixed')
      class MixedController {
        @Get()
        @overwrite
        @RequireMaskinportenScope(READ)
        get() {
          return 'read'
        }
      }
      await expectNoStart(
        /^MixedController\.get requires a token, but another decorator removed/,
        MixedController,
      )
    })

    it('the start fails if a decorator overwrites the guards of a class', async () => {
      @Controller('mixed')
      @overwrite
      @RequireMaskinportenScope(READ)
      class MixedController {
        @Get()
        get() {
          return 'read'
        }
      }
      await expectNoStart(/MixedController\.get without asking the guard/, MixedController)
    })
  })
})
