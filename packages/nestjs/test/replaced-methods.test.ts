import { Controller, type ModuleMetadata, SetMetadata } from '@nestjs/common'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import {
  MaskinportenGuard,
  MaskinportenModule,
  RequireMaskinportenScope,
  SkipMaskinporten,
} from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import { expectNoStart, listen, READ, ReadController, validator } from './vedtak-api.js'

/** An application with these controllers and providers. */
const testing = (metadata: Pick<ModuleMetadata, 'controllers' | 'providers'>) =>
  Test.createTestingModule({ imports: [MaskinportenModule.forRoot({ validator })], ...metadata })

/** Decorates a method as the compiler would. */
function decorated(
  prototype: object,
  decorator: ReturnType<typeof SkipMaskinporten>,
  key: string | symbol = 'get',
): void {
  decorator(prototype, key, Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor)
}

const bind = (instance: object, key: string | symbol) =>
  Reflect.set(instance, key, Reflect.get(instance, key).bind(instance))

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
      class TracedController {
        [key]() {
          return 'read'
        }
      }
      decorated(TracedController.prototype, RequireMaskinportenScope(READ), key)
      Reflect.deleteProperty(TracedController.prototype, key)
      if (replacement) Object.defineProperty(TracedController.prototype, key, replacement)
      Controller('traced')(TracedController)
      const message = new Error(
        `Another decorator replaced TracedController.${String(key)} after @RequireMaskinportenScope guarded it: put ` +
          '@RequireMaskinportenScope above that decorator',
      )
      await expectNoStart(listen(testing({ controllers: [TracedController] })), message)
      await expectNoStart(listen(testing({ providers: [TracedController] })), message)
      // An application without the class starts.
      await listen(testing({ controllers: [ReadController] }))
    },
  )

  it(`the application does not start if a provider’s constructor binds the guarded method ${String(key)}`, async () => {
    class BoundProvider {
      constructor() {
        bind(this, key)
      }
      [key]() {
        return 'read'
      }
    }
    decorated(BoundProvider.prototype, RequireMaskinportenScope(READ), key)
    const message = `BoundProvider.${String(key)} requires a token, but the instance replaces the method`
    await expectNoStart(listen(testing({ providers: [BoundProvider] })), message)
  })

  it(`the NestJS guard refuses a request without a token to the method ${String(key)}`, async () => {
    class GuardedController {
      [key]() {
        return 'read'
      }
    }
    decorated(GuardedController.prototype, RequireMaskinportenScope(READ), key)
    const module = await testing({ controllers: [ReadController] }).compile()
    const handler = Reflect.get(GuardedController.prototype, key)
    const context = new ExecutionContextHost([{}, {}], GuardedController, handler)
    await expect(module.get(MaskinportenGuard).canActivate(context)).rejects.toThrow('no_credentials')
  })
})

it('the application does not start if @RequireMaskinportenScope decorates a constructor as a method', async () => {
  class MisusedController {}
  decorated(MisusedController.prototype, RequireMaskinportenScope(READ), 'constructor')
  Controller('misused')(MisusedController)
  const message = 'Another decorator replaced MisusedController.constructor after @RequireMaskinportenScope'
  await expectNoStart(listen(testing({ controllers: [MisusedController] })), message)
})

it('a decorator can replace an open method, or a method guarded by its class', async () => {
  class OpenController {
    get() {
      return 'open'
    }
  }
  decorated(OpenController.prototype, SkipMaskinporten())
  OpenController.prototype.get = () => 'traced'
  class GuardedController {
    get() {
      return 'read'
    }
  }
  RequireMaskinportenScope(READ)(GuardedController)
  GuardedController.prototype.get = () => 'traced'
  await listen(testing({ controllers: [ReadController], providers: [OpenController, GuardedController] }))
})

class GuardedProvider {
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
  await expectNoStart(listen(testing({ providers: [OverridingProvider] })), message)
})

it('a provider’s method that is not a handler can override a guarded method', async () => {
  class OverridingProvider extends GuardedProvider {
    override get() {
      return 'open'
    }
  }
  await listen(testing({ providers: [OverridingProvider] }))
})

it('the application starts if a provider has no prototype or no constructor', async () => {
  const values = [Object.create(null), Object.create(Object.create(null))]
  const providers = values.map((useValue, index) => ({ provide: `VALUE_${index}`, useValue }))
  await listen(testing({ providers }))
})

it('the application does not start if a provider is a function that replaces the guarded method of its class', async () => {
  class Provider {
    constructor() {
      const members = Object.assign(() => undefined, { get: () => 'read' })
      // biome-ignore lint/correctness/noConstructorReturn: the test needs such a constructor
      return Object.setPrototypeOf(members, Provider.prototype)
    }

    @RequireMaskinportenScope(READ)
    get() {
      return 'guarded'
    }
  }
  await expectNoStart(
    listen(testing({ providers: [Provider] })),
    /^Provider\.get requires a token, but the instance/,
  )
})
