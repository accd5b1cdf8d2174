import { Controller, Get, mixin, SetMetadata, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  applyMixin,
  bearer,
  call,
  classWith,
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

const guard = RequireMaskinportenScope(READ)

/** Turns a class into the controller `MixedController` with the path `mixed`. */
function mixed(type: Type): Type {
  Object.defineProperty(type, 'name', { value: 'MixedController' })
  Controller('mixed')(type)
  return type
}

describe.each(PLATFORMS)('mixins on %s', (_platform, adapter) => {
  const listen = (...controllers: Type[]) => start(controllers, { adapter })

  it('the application does not start if a mixin replaces the constructor of a guarded class', async () => {
    const type = mixed(classWith())
    guard(type)
    applyMixin(type, Plain)
    const message =
      'NestJS would call MixedController.get without asking the guard of @RequireMaskinportenScope on ' +
      'MixedController: another decorator, or a mixin, replaced, wrapped or copied the class. Put ' +
      '@RequireMaskinportenScope above that decorator, or on the methods'
    await expectNoStart(listen(type), new Error(message))
  })

  it('a guarded method keeps its guard if a mixin replaces the constructor of its class', async () => {
    const type = mixed(classWith(guard))
    applyMixin(type, Plain)
    const api = await listen(type)
    await expectGuarded(api, '/mixed')
    await expectOpen(api, '/mixed/plain', 'plain')
  })

  it('the application does not start if an undecorated class mixes in methods of a guarded class', async () => {
    const type = mixed(class {})
    applyMixin(type, Guarded, 'constructor')
    await expectNoStart(listen(type), /MixedController\.get without asking the guard .* on Guarded/)
  })

  test.each<[string, Type]>([
    ['a class with its own requirement', class {}],
    ['a subclass of a guarded class', class extends Guarded {}],
  ])('methods of a guarded class mixed into %s are guarded', async (_title, type) => {
    if (!(type.prototype instanceof Guarded)) guard(type)
    applyMixin(type, Guarded, 'constructor')
    const api = await listen(mixed(type))
    await expectGuarded(api, '/mixed')
    await expectOpen(api, '/mixed/health', 'up')
  })

  it('methods of a guarded class mixed into an open class are open', async () => {
    const type = mixed(class {})
    SkipMaskinporten()(type)
    applyMixin(type, Guarded, 'constructor')
    await expectOpen(await listen(type), '/mixed', 'read')
  })

  it('guarded methods keep their guards if a class decorator returns a subclass', async () => {
    const traced = (type: Type): Type => class TracedController extends type {}
    await expectGuarded(await listen(mixed(traced(class extends Guarded {}))), '/mixed')
  })

  describe('a copy of a class and its metadata', () => {
    const copyOf = (original: Type): Type => {
      const type: Type = class {}
      applyMixin(type, original, 'constructor')
      for (const key of Reflect.getMetadataKeys(original)) {
        Reflect.defineMetadata(key, Reflect.getMetadata(key, original), type)
      }
      return type
    }

    it('a copy of a class keeps its guards if the metadata is copied too', async () => {
      const type = copyOf(Guarded)
      for (const one of [mixed(type), class extends type {}]) {
        await expectGuarded(await listen(one), '/mixed')
      }
    })

    it('a copy of an open class is open if the metadata is copied too', async () => {
      const open = classWith()
      SkipMaskinporten()(open)
      await expectOpen(await listen(mixed(copyOf(open))), '/mixed', 'read')
    })
  })

  it('a global guard refuses requests to a class with wrapped copies of guarded methods', async () => {
    const type = mixed(class {})
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
    class OtherController extends mixin(classWith(RequireMaskinportenScope('nav:x.other'))) {}
    const api = await listen(mixed(class extends mixin(classWith(guard)) {}), OtherController)
    await expectGuarded(api, '/mixed')
    expect(await reasonOf(call(api, '/other', await bearer()))).toEqual([403, 'insufficient_scope'])
  })

  it('the application starts if a guarded class is not registered', async () => {
    await expectOpen(await listen(mixed(class extends Plain {})), '/mixed/plain', 'plain')
  })

  describe('a decorator that overwrites the guards', () => {
    const overwrite = SetMetadata('__guards__', [])

    it('the application does not start if a decorator overwrites the guards of a method', async () => {
      const type = mixed(classWith(guard, overwrite))
      const message =
        'MixedController.get requires a token, but another decorator removed the guard. Put ' +
        '@RequireMaskinportenScope above that decorator'
      await expectNoStart(listen(type), new Error(message))
    })

    it('the application does not start if a decorator overwrites the guards of a class', async () => {
      const type = mixed(classWith())
      guard(type)
      overwrite(type)
      await expectNoStart(listen(type), /MixedController\.get without asking the guard/)
    })
  })
})
