import { applyDecorators, Controller, Get, mixin, SetMetadata, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  applyMixin,
  bearer,
  call,
  expectGuarded,
  expectNoStart,
  expectOpen,
  PLATFORMS,
  READ,
  reasonOf,
  start,
} from './vedtak-api.js'

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

/** A new class with one guarded method. */
function guardedMethod(scope = READ): Type {
  class MixedController {
    @applyDecorators(Get(), RequireMaskinportenScope(scope))
    get() {
      return 'read'
    }
  }
  return MixedController
}

/** A new class named `MixedController`. */
function empty(): Type {
  class MixedController {}
  return MixedController
}

/** Makes a class the controller of `mixed`. */
function mixed(type: Type): Type {
  Controller('mixed')(type)
  return type
}

describe.each(PLATFORMS)('mixins on %s', (_platform, adapter) => {
  const listen = (...controllers: Type[]) => start(controllers, { adapter })

  it('the start fails if a mixin replaces the constructor of a guarded class', async () => {
    @RequireMaskinportenScope(READ)
    class MixedController {
      @Get()
      get() {
        return 'read'
      }
    }
    applyMixin(MixedController, Plain)
    const message = /MixedController\.get without asking the guard .* on MixedController/
    await expectNoStart(listen(mixed(MixedController)), message)
  })

  it('a guarded method keeps its guard if a mixin replaces the constructor of its class', async () => {
    const type = mixed(guardedMethod())
    applyMixin(type, Plain)
    const api = await listen(type)
    await expectGuarded(api, '/mixed')
    await expectOpen(api, '/mixed/plain', 'plain')
  })

  it('the start fails if methods of a guarded class are mixed into an undecorated class', async () => {
    const type = mixed(empty())
    applyMixin(type, Guarded, 'constructor')
    await expectNoStart(listen(type), /MixedController\.get without asking the guard .* on Guarded/)
  })

  test.each<[string, Type]>([
    ['a class with its own requirement', class {}],
    ['a subclass of a guarded class', class extends Guarded {}],
  ])('methods of a guarded class mixed into %s are guarded', async (_title, type) => {
    if (!(type.prototype instanceof Guarded)) RequireMaskinportenScope(READ)(type)
    applyMixin(type, Guarded, 'constructor')
    const api = await listen(mixed(type))
    await expectGuarded(api, '/mixed')
    await expectOpen(api, '/mixed/health', 'up')
  })

  it('methods of a guarded class mixed into an open class are open', async () => {
    const type = mixed(empty())
    SkipMaskinporten()(type)
    applyMixin(type, Guarded, 'constructor')
    await expectOpen(await listen(type), '/mixed', 'read')
  })

  it('guarded methods keep their guards if a class decorator returns a subclass', async () => {
    const traced = (type: Type): Type => class TracedController extends type {}
    await expectGuarded(await listen(mixed(traced(class extends Guarded {}))), '/mixed')
  })

  it('a copy of a class keeps its guards if the metadata is copied too', async () => {
    const type = empty()
    applyMixin(type, Guarded, 'constructor')
    for (const key of Reflect.getMetadataKeys(Guarded)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, Guarded), type)
    }
    for (const one of [mixed(type), class extends type {}]) {
      await expectGuarded(await listen(one), '/mixed')
    }
  })

  it('a global guard refuses requests to a class with wrapped copies of guarded methods', async () => {
    const type = mixed(empty())
    const wrapped = () => 'read'
    for (const key of ['path', 'method']) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, Guarded.prototype.get), wrapped)
    }
    Object.defineProperty(type.prototype, 'get', { value: wrapped })
    const api = await start([type], { adapter, isGlobal: true })
    expect(await reasonOf(call(api, '/mixed', await bearer()))).toEqual([403, 'no_guard'])
  })

  it('controllers that extend a guarded mixin class have its guards', async () => {
    @Controller('other')
    class OtherController extends mixin(guardedMethod('nav:x.other')) {}
    const api = await listen(mixed(class extends mixin(guardedMethod()) {}), OtherController)
    await expectGuarded(api, '/mixed')
    expect(await reasonOf(call(api, '/other', await bearer()))).toEqual([403, 'insufficient_scope'])
  })

  it('the application starts if a guarded class is not registered', async () => {
    await expectOpen(await listen(mixed(class extends Plain {})), '/mixed/plain', 'plain')
  })

  describe('a decorator that overwrites the guards', () => {
    const overwrite = SetMetadata('__guards__', [])

    it('the start fails if a decorator overwrites the guards of a method', async () => {
      class MixedController {
        @Get()
        @overwrite
        @RequireMaskinportenScope(READ)
        get() {
          return 'read'
        }
      }
      const message = /^MixedController\.get requires a token, but another decorator removed/
      await expectNoStart(listen(mixed(MixedController)), message)
    })

    it('the start fails if a decorator overwrites the guards of a class', async () => {
      @overwrite
      @RequireMaskinportenScope(READ)
      class MixedController {
        @Get()
        get() {
          return 'read'
        }
      }
      await expectNoStart(listen(mixed(MixedController)), /MixedController\.get without asking the guard/)
    })
  })
})
