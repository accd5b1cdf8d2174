import { Controller, Get, mixin, SetMetadata, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  applyMixin,
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
const guardedClass = () => decorated(classWith(), guard)

/** Turns a class into the controller `MixedController` with the path `mixed`. */
function mixed(type: Type): Type {
  Object.defineProperty(type, 'name', { value: 'MixedController' })
  return decorated(type, Controller('mixed'))
}

/** A controller with the methods of another class, but with its own constructor. */
const withMethodsOf = (other: Type, type: Type = class {}) => mixed(applyMixin(type, other, 'constructor'))

/** A controller whose constructor a mixin replaces. */
const withConstructorReplaced = (type: Type) => applyMixin(mixed(type), Plain)

function withMetadataOf(original: Type, type: Type): Type {
  for (const key of Reflect.getMetadataKeys(original)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), type)
  }
  return type
}

describe.each(PLATFORMS)('mixins on %s', (platform, adapter) => {
  const listen = (...controllers: Type[]) => start(controllers, { adapter })

  it(`on ${platform}, the application does not start if a mixin replaces the constructor of a guarded class`, async () => {
    const message =
      'NestJS would call MixedController.get without asking the guard of @RequireMaskinportenScope on ' +
      'MixedController: another decorator, or a mixin, replaced, wrapped or copied the class. Put ' +
      '@RequireMaskinportenScope above that decorator, or on the methods'
    await expectNoStart(listen(withConstructorReplaced(guardedClass())), new Error(message))
  })

  it(`on ${platform}, a guarded method keeps its guard if a mixin replaces the constructor of its class`, async () => {
    const answers = { '/mixed': guarded(), '/mixed/plain': open('plain') }
    await expectAnswers(listen(withConstructorReplaced(classWith(guard))), answers)
  })

  it(`on ${platform}, the application does not start if an undecorated class mixes in methods of a guarded class`, async () => {
    const message = /MixedController\.get without asking the guard .* on Guarded/
    await expectNoStart(listen(withMethodsOf(Guarded)), message)
  })

  test.each<[string, () => Type]>([
    ['a class with its own requirement', () => decorated(class {}, guard)],
    ['a subclass of a guarded class', () => class extends Guarded {}],
  ])(`on ${platform}, methods of a guarded class mixed into %s are guarded`, async (_title, make) => {
    const answers = { '/mixed': guarded(), '/mixed/health': open('up') }
    await expectAnswers(listen(withMethodsOf(Guarded, make())), answers)
  })

  it(`on ${platform}, methods of a guarded class mixed into an open class are open`, async () => {
    const type = withMethodsOf(Guarded, decorated(class {}, SkipMaskinporten()))
    await expectAnswers(listen(type), { '/mixed': open('read') })
  })

  it(`on ${platform}, guarded methods keep their guards if a class decorator returns a subclass`, async () => {
    const traced = (type: Type): Type => class TracedController extends type {}
    await expectAnswers(listen(mixed(traced(class extends Guarded {}))), { '/mixed': guarded() })
  })

  it(`on ${platform}, a copy of a class keeps its guards if the metadata is copied too`, async () => {
    const copy = withMetadataOf(Guarded, withMethodsOf(Guarded))
    for (const type of [copy, class extends copy {}]) {
      await expectAnswers(listen(type), { '/mixed': guarded() })
    }
  })

  it(`on ${platform}, a copy of an open class is open if the metadata is copied too`, async () => {
    const original = decorated(classWith(), SkipMaskinporten())
    const copy = withMetadataOf(original, withMethodsOf(original))
    await expectAnswers(listen(copy), { '/mixed': open('read') })
  })

  it(`on ${platform}, a global guard refuses requests to a class with wrapped copies of guarded methods`, async () => {
    const type = mixed(class {})
    const wrapped = () => 'read'
    for (const key of ['path', 'method']) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, Guarded.prototype.get), wrapped)
    }
    Object.defineProperty(type.prototype, 'get', { value: wrapped })
    await expectAnswers(start([type], { adapter, isGlobal: true }), { '/mixed': CLOSED })
  })

  it(`on ${platform}, controllers that extend a guarded mixin class have its guards`, async () => {
    @Controller('other')
    class OtherController extends mixin(classWith(RequireMaskinportenScope('nav:x.other'))) {}
    const starting = listen(mixed(class extends mixin(classWith(guard)) {}), OtherController)
    await expectAnswers(starting, { '/mixed': guarded() })
    const refused = await reasonOf(call(await starting, '/other', await bearer()))
    expect(refused).toEqual([403, 'insufficient_scope'])
  })

  it(`on ${platform}, the application starts if a guarded class is not registered`, async () => {
    await expectAnswers(listen(mixed(class extends Plain {})), { '/mixed/plain': open('plain') })
  })

  const overwrite = SetMetadata('__guards__', [])

  it(`on ${platform}, the application does not start if a decorator overwrites the guards of a method`, async () => {
    const message =
      'MixedController.get requires a token, but another decorator removed the guard. Put ' +
      '@RequireMaskinportenScope above that decorator'
    await expectNoStart(listen(mixed(classWith(guard, overwrite))), new Error(message))
  })

  it(`on ${platform}, the application does not start if a decorator overwrites the guards of a class`, async () => {
    const type = mixed(decorated(guardedClass(), overwrite))
    await expectNoStart(listen(type), /MixedController\.get without asking the guard/)
  })
})
