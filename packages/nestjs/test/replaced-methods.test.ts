import { applyDecorators, Controller, type Provider, SetMetadata, type Type, UseGuards } from '@nestjs/common'
import { MaskinportenGuard, RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import {
  classWith,
  contextOf,
  decorated,
  expectNoStart,
  guardWith,
  maskinportenModule,
  PlainController,
  READ,
  ReadController,
  start,
} from './vedtak-api.js'

const startWith = (...providers: Provider[]) => start([], { providers })

/** Decorates a method as the compiler would. */
function decorateMethod(
  { prototype }: Type,
  decorator: ReturnType<typeof SkipMaskinporten>,
  key: string | symbol = 'get',
): void {
  decorator(prototype, key, Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor)
}

/** A new class with a guarded method that has this key. */
function guardedClass(key: string | symbol): Type {
  class Handlers {
    [key]() {
      return 'read'
    }
  }
  decorateMethod(Handlers, RequireMaskinportenScope(READ), key)
  return Handlers
}

const KEY = Symbol('get')
// Every string has its own `length`, and every object inherits `toString`.
describe.each(['get', 'length', 'toString', KEY])('a guarded method with the key %s', (key) => {
  test.each<[string, PropertyDescriptor | undefined]>([
    ['replaces', { value: () => 'open', configurable: true }],
    ['defines an accessor in place of', { get: () => () => 'open', configurable: true }],
    ['removes', undefined],
  ])(
    `the application does not start if another decorator %s the guarded method ${String(key)}`,
    async (_title, replacement) => {
      const type = guardedClass(key)
      Reflect.deleteProperty(type.prototype, key)
      if (replacement) Object.defineProperty(type.prototype, key, replacement)
      const message = new Error(
        `Another decorator replaced Handlers.${String(key)} after @RequireMaskinportenScope guarded it: put ` +
          '@RequireMaskinportenScope above that decorator',
      )
      await expectNoStart(start([decorated(type, Controller('traced'))]), message)
      await expectNoStart(startWith(type), message)
      // An application without the class starts.
      await start([ReadController])
    },
  )

  it(`the application does not start if a provider’s constructor binds the guarded method ${String(key)}`, async () => {
    const type = guardedClass(key)
    class BoundProvider extends type {
      constructor() {
        super()
        Reflect.set(this, key, type.prototype[key].bind(this))
      }
    }
    const message = `BoundProvider.${String(key)} requires a token, but the instance replaces the method`
    await expectNoStart(startWith(BoundProvider), message)
  })

  it(`the NestJS guard refuses a request without a token to the method ${String(key)}`, async () => {
    const context = contextOf(guardedClass(key), key)
    await expect((await guardWith()).canActivate(context)).rejects.toThrow('no_credentials')
  })
})

it('the application does not start if @RequireMaskinportenScope decorates a constructor as a method', async () => {
  class MisusedController {}
  decorateMethod(MisusedController, RequireMaskinportenScope(READ), 'constructor')
  Controller('misused')(MisusedController)
  const message = 'Another decorator replaced MisusedController.constructor after @RequireMaskinportenScope'
  await expectNoStart(start([MisusedController]), message)
})

it('a decorator can replace an open method, or a method guarded by its class', async () => {
  const Open = classWith(SkipMaskinporten())
  const Guarded = decorated(classWith(), RequireMaskinportenScope(READ))
  for (const { prototype } of [Open, Guarded]) {
    prototype.get = () => 'traced'
    Reflect.defineMetadata('handler', true, prototype.get)
  }
  await start([ReadController], { providers: [Open, Guarded] })
})

class GuardedProvider {
  @SetMetadata('handler', true)
  @RequireMaskinportenScope(READ)
  get() {
    return 'read'
  }
}

it('the application does not start if a provider’s undecorated handler overrides a guarded method', async () => {
  class OverridingProvider extends GuardedProvider {
    @SetMetadata('handler', true)
    override get() {
      return 'open'
    }
  }
  const message = /^OverridingProvider\.get overrides a method that requires a token/
  await expectNoStart(startWith(OverridingProvider), message)
})

class GuardedService {
  @RequireMaskinportenScope(READ)
  find() {}
}
class GuardedServiceClass {
  find() {}
}
it.each([
  ['a method', 'GuardedService.find', GuardedService],
  ['its class', 'GuardedServiceClass', decorated(GuardedServiceClass, RequireMaskinportenScope(READ))],
])(
  'the application does not start if a provider without handlers requires a token on %s',
  async (_title, name, type) => {
    await expectNoStart(startWith(type), new RegExp(`^${name} requires a token, but is not a handler: `))
  },
)

it('a provider’s method that is not a handler can override a guarded method', async () => {
  class OverridingProvider extends GuardedProvider {
    override get() {
      return 'open'
    }
  }
  await startWith(OverridingProvider)
})

it('the application starts if a provider has no prototype, or a prototype without a class', async () => {
  const values = [null, Object.create(null), { constructor: 'text' }].map((one) => Object.create(one))
  const providers = values.map((useValue, index) => ({ provide: `VALUE_${index}`, useValue }))
  await startWith(...providers)
})

it('the application does not start if a provider is a function that replaces the guarded method of its class', async () => {
  class FunctionProvider {
    constructor() {
      const members = Object.assign(() => undefined, { get: () => 'read' })
      // biome-ignore lint/correctness/noConstructorReturn: the test needs such a constructor
      return Object.setPrototypeOf(members, FunctionProvider.prototype)
    }

    @RequireMaskinportenScope(READ)
    get() {
      return 'guarded'
    }
  }
  await expectNoStart(
    startWith(FunctionProvider),
    /^FunctionProvider\.get requires a token, but the instance/,
  )
})

/** A new class whose method is a handler of a library, and not a route. */
function resolverWith(...decorators: MethodDecorator[]): Type {
  class Handlers {
    @applyDecorators(...decorators, SetMetadata('handler', true))
    get() {
      return 'read'
    }
  }
  return Handlers
}

describe('a provider of handlers', () => {
  const onMethod = () => resolverWith(RequireMaskinportenScope(READ))
  const onClass = () => decorated(resolverWith(), RequireMaskinportenScope(READ))

  it.each<[string, () => Type]>([
    ['a guarded method', onMethod],
    ['a requirement on its class', onClass],
    [
      '@UseGuards(MaskinportenGuard) on its class',
      () => decorated(resolverWith(), UseGuards(MaskinportenGuard)),
    ],
  ])('the application does not start with an indirect provider of a class with %s', async (_title, make) => {
    const message = /^NestJS would call Handlers\.get without asking the guard\. List its class/
    const type = make()
    const useFactory = async () => new type()
    await expectNoStart(startWith({ provide: type, useValue: new type() }), message)
    await expectNoStart(startWith({ provide: type, useFactory }), message)
    // Another provider of this module has the guard.
    for (const other of [{ useFactory }, { useClass: type }])
      await expectNoStart(startWith(GuardedProvider, { provide: 'OTHER', ...other }), message)
    await expectNoStart(startWith(new Proxy(type, {})), message)
  })

  it.each<[string, () => Type]>([
    ['without decorators', resolverWith],
    [
      'with @SkipMaskinporten on a method of a guarded class',
      () => decorated(resolverWith(SkipMaskinporten()), RequireMaskinportenScope(READ)),
    ],
  ])('the application starts if useValue provides an instance %s', async (_title, make) => {
    const type = make()
    await startWith({ provide: type, useValue: new type() })
  })

  it.each<[string, () => Type]>([
    ['a guarded method', () => ReadController],
    [
      'a requirement on its class',
      () => decorated(class extends PlainController {}, RequireMaskinportenScope(READ)),
    ],
  ])('the application starts with an indirect provider of a controller with %s', async (_title, make) => {
    const type = make()
    const useFactory = () => new type()
    await startWith(
      class VedtakService extends type {},
      { provide: type, useFactory },
      { provide: 'OTHER', useClass: type },
    )
  })

  it('the application starts with an instance whose class is its token, and its alias, next to a class with the guard', async () => {
    const type = onMethod()
    const alias = { provide: 'ALIAS', useExisting: type }
    await startWith(GuardedProvider, { provide: type, useValue: new type() }, alias)
  })

  it('the application starts with aliases of a guarded provider in another module', async () => {
    const type = onMethod()
    const module = { module: class GuardedModule {}, providers: [type], exports: [type] }
    const useFactory = (instance: object) => instance
    const providers = [
      { provide: 'ALIAS', useExisting: type },
      { provide: 'OTHER', useFactory, inject: [type] },
    ]
    await start([], { imports: [maskinportenModule, module], providers })
  })

  it('the application does not start if a factory in another module returns an instance from useValue', async () => {
    const type = onMethod()
    const value = { provide: type, useValue: new type() }
    const module = { module: class GuardedModule {}, providers: [GuardedProvider, value], exports: [type] }
    const providers = [{ provide: 'OTHER', useFactory: (instance: object) => instance, inject: [type] }]
    const starting = start([], { imports: [maskinportenModule, module], providers })
    await expectNoStart(starting, /^NestJS would call Handlers\.get without asking the guard/)
  })

  it('the application does not start if an alias in another module has the guarded class as its token', async () => {
    const type = onMethod()
    const alias = { provide: 'ALIAS', useExisting: type }
    const module = { module: class GuardedModule {}, providers: [type, alias], exports: ['ALIAS'] }
    const providers = [{ provide: type, useExisting: 'ALIAS' }]
    const starting = start([], { imports: [maskinportenModule, module], providers })
    await expectNoStart(starting, /^NestJS would call Handlers\.get without asking the guard/)
  })

  it('the application does not start if a provider’s class copies a handler of a guarded class', async () => {
    class Copy {}
    Object.defineProperties(Copy.prototype, Object.getOwnPropertyDescriptors(onClass().prototype))
    Object.defineProperty(Copy.prototype, 'constructor', { value: Copy })
    const message =
      /^NestJS would call Copy\.get without asking the guard of @RequireMaskinportenScope on Handlers/
    await expectNoStart(startWith(Copy), message)
  })
})
