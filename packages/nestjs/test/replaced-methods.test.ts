import { applyDecorators, Controller, type Provider, SetMetadata, type Type, UseGuards } from '@nestjs/common'
import { MaskinportenGuard } from '@portvakt/nestjs'
import { describe, it, test } from 'vitest'
import {
  binding,
  classWith,
  decorated,
  expectNoStart,
  maskinportenModule,
  PlainController,
  ReadController,
  requireRead,
  skip,
  start,
} from './vedtak-api.js'

/** Starts an application with these providers, and with a module that exports others. */
const startWith = (providers: readonly Provider[], exported: Provider[] = []) => {
  const module = { module: class ExportingModule {}, providers: exported, exports: exported }
  return start([], { imports: [maskinportenModule, module], providers })
}

/** Decorates a method as the compiler would. */
const requireOn = ({ prototype }: Type, key: string | symbol) =>
  requireRead(prototype, key, Object.getOwnPropertyDescriptor(prototype, key))

/** A new class with a guarded method that has this key. */
function guardedClass(key: string | symbol): Type {
  class Handlers {
    [key]() {
      return 'read'
    }
  }
  requireOn(Handlers, key)
  return Handlers
}

// Every string has its own `length`, and every object inherits `toString`.
describe.each(['get', 'length', 'toString', Symbol('get')])('a guarded method with the key %s', (key) => {
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
      await expectNoStart(startWith([type]), message)
      // An application without the class starts.
      await start([ReadController])
    },
  )

  it(`the application does not start if a provider’s constructor binds the guarded method ${String(key)}`, async () => {
    const message = `Binding.${String(key)} requires a token, but the instance replaces the method`
    await expectNoStart(startWith([binding(guardedClass(key), key)]), message)
  })
})

it('the application does not start if @RequireMaskinportenScope decorates a constructor as a method', async () => {
  class MisusedController {}
  requireOn(MisusedController, 'constructor')
  const message = 'Another decorator replaced MisusedController.constructor after @RequireMaskinportenScope'
  await expectNoStart(start([decorated(MisusedController, Controller('misused'))]), message)
})

/** A new class whose method is a handler of a library, and not a route. */
function handlerWith(...decorators: MethodDecorator[]): Type {
  class Handlers {
    @applyDecorators(...decorators, SetMetadata('handler', true))
    get() {
      return 'read'
    }
  }
  return Handlers
}
const guardedHandler = () => handlerWith(requireRead)
const handlerOfGuardedClass = () => decorated(handlerWith(), requireRead)

class GuardedProvider extends guardedHandler() {}

class OverridingProvider extends GuardedProvider {
  @SetMetadata('handler', true)
  get() {
    return 'open'
  }
}

class PlainService {
  find() {}
}
class GuardedService {
  @requireRead
  find() {}
}

class FunctionProvider {
  constructor() {
    const members = Object.assign(() => undefined, { get: () => 'read' })
    // biome-ignore lint/correctness/noConstructorReturn: the test needs such a constructor
    return Object.setPrototypeOf(members, FunctionProvider.prototype)
  }

  @requireRead
  get() {
    return 'guarded'
  }
}

/** A class that copies a handler of a guarded class. */
function copying(): Type {
  class Copy {}
  Object.defineProperties(Copy.prototype, Object.getOwnPropertyDescriptors(handlerOfGuardedClass().prototype))
  Object.defineProperty(Copy.prototype, 'constructor', { value: Copy })
  return Copy
}

test.each<[string, Type, RegExp]>([
  [
    'has an undecorated handler that overrides a guarded method',
    OverridingProvider,
    /^OverridingProvider\.get overrides a method that requires a token/,
  ],
  [
    'has a guarded method, but no handler',
    GuardedService,
    /^GuardedService\.find requires a token, but is not a handler: .*controller or resolver that calls it$/,
  ],
  [
    'requires a token on its class, but has no handler',
    decorated(class ServiceClass extends PlainService {}, requireRead),
    /^ServiceClass requires a token, but is not a handler: /,
  ],
  [
    'is a function that replaces the guarded method of its class',
    FunctionProvider,
    /^FunctionProvider\.get requires a token, but the instance/,
  ],
  [
    'copies a handler of a guarded class',
    copying(),
    /^NestJS would call Copy\.get without asking the guard of @RequireMaskinportenScope on Handlers/,
  ],
])('the application does not start if a provider %s', async (_title, type, message) => {
  await expectNoStart(startWith([type]), message)
})

const instanceOf = (type: Type) => ({ provide: type, useValue: new type() })
const factoryOf = (type: Type, provide: unknown = type) => ({
  provide: provide as Type,
  useFactory: async () => new type(),
})
const indirect = (type: Type): Provider[] => [
  class extends type {},
  factoryOf(type),
  { provide: 'OTHER', useClass: type },
]
const aliasOf = (type: Type) => ({ provide: 'ALIAS', useExisting: type })
/** A provider whose factory returns the instance of another provider. */
const returning = (type: Type) => ({
  provide: 'OTHER',
  useFactory: (instance: object) => instance,
  inject: [type],
})
const NOT_ASKED =
  /^NestJS would call Handlers\.get without asking the guard\. List its class.*that wraps the class$/

test.each<[string, () => Type]>([
  ['a guarded method', guardedHandler],
  ['a requirement on its class', handlerOfGuardedClass],
  [
    '@UseGuards(MaskinportenGuard) on its class',
    () => decorated(handlerWith(), UseGuards(MaskinportenGuard)),
  ],
])('the application does not start with an indirect provider of a class with %s', async (_title, make) => {
  const type = make()
  for (const provider of [instanceOf(type), factoryOf(type), new Proxy(type, {})])
    await expectNoStart(startWith([provider]), NOT_ASKED)
  // Another provider of this module has the guard.
  for (const other of [factoryOf(type, 'OTHER'), { provide: 'OTHER', useClass: type }])
    await expectNoStart(startWith([GuardedProvider, other]), NOT_ASKED)
})

it('the application does not start if a factory in another module returns an instance from useValue', async () => {
  const type = guardedHandler()
  await expectNoStart(startWith([returning(type)], [GuardedProvider, instanceOf(type)]), NOT_ASKED)
})

it('the application does not start if an alias in another module has the guarded class as its token', async () => {
  const type = guardedHandler()
  await expectNoStart(startWith([{ provide: type, useExisting: 'ALIAS' }], [type, aliasOf(type)]), NOT_ASKED)
})

/** A class whose method another decorator replaced. */
function replaced(type: Type): Type {
  type.prototype.get = () => 'traced'
  Reflect.defineMetadata('handler', true, type.prototype.get)
  return type
}
class Unhandled extends GuardedProvider {
  get() {
    return 'open'
  }
}
const openHandler = () => decorated(handlerWith(skip), requireRead)
const GuardedPlain = decorated(class extends PlainController {}, requireRead)
const ODD_PROTOTYPES = [null, Object.create(null), { constructor: 'text' }].map((one) => Object.create(one))
const Guarded = guardedHandler()

test.each<[string, Provider[], Provider[]?]>([
  ['a class whose open method was replaced', [replaced(classWith(skip))]],
  ['a guarded class whose method was replaced', [replaced(decorated(classWith(), requireRead))]],
  ['a method that is not a handler, and overrides a guarded one', [Unhandled]],
  [
    'values without a prototype, or with a prototype without a class',
    ODD_PROTOTYPES.map((useValue, index) => ({ provide: `VALUE_${index}`, useValue })),
  ],
  ['an indirect provider of an unguarded handler', [instanceOf(handlerWith())]],
  ['an indirect provider of an open handler of a guarded class', [instanceOf(openHandler())]],
  ['indirect providers of a controller with a guarded method', indirect(ReadController)],
  ['indirect providers of a guarded controller', indirect(GuardedPlain)],
  [
    'an instance whose class is its token, and its alias, next to a class with the guard',
    [GuardedProvider, instanceOf(Guarded), aliasOf(Guarded)],
  ],
  ['aliases of a guarded provider in another module', [aliasOf(Guarded), returning(Guarded)], [Guarded]],
])('the application starts with %s', async (_title, providers, exported) => {
  await startWith(providers, exported)
})
