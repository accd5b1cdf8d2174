import { type CanActivate, Controller, Get, Module, type ModuleMetadata, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import {
  createMaskinportenValidator,
  defaultMaskinportenValidator,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  MaskinportenModule,
  type MaskinportenModuleOptions,
  RequireMaskinportenScope,
  SkipMaskinporten,
} from '@portvakt/nestjs'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { bearer, call, listen, mock, PlainController, READ, ReadController, validator } from './vedtak-api.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** As an application writes it: made on import, whatever the environment says. */
@Module({
  imports: [MaskinportenModule.forRoot()],
  controllers: [ReadController, PlainController],
  providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
})
class AppModule {}

const testing = (...imports: unknown[]) =>
  Test.createTestingModule({ imports: imports as [], controllers: [ReadController] })

describe('the environment', () => {
  it('is read when the providers are made, not on import', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    await expect(testing(AppModule).compile()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const module = await testing(AppModule).compile()
    expect(module.get(MASKINPORTEN_VALIDATOR).health()).toMatchObject({ usable: false })
  })

  it('makes the validator that guards outside of NestJS share', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const module = await testing(MaskinportenModule.forRoot()).compile()
    expect(module.get(MASKINPORTEN_VALIDATOR)).toBe(defaultMaskinportenValidator())
  })

  it('is not needed where a test overrides the validator', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    const api = await listen(testing(AppModule).overrideProvider(MASKINPORTEN_VALIDATOR).useValue(validator))
    expect((await call(api, '/read')).status).toBe(401)
    expect((await call(api, '/read', await bearer())).status).toBe(200)
  })
})

describe('overrideGuard', () => {
  it('is overrideProvider for the guard that APP_GUARD names', async () => {
    const open: CanActivate = { canActivate: () => true }
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const builder = testing(AppModule).overrideProvider(MaskinportenGuard).useValue(open)
    expect((await call(await listen(builder), '/plain')).status).toBe(200)
  })

  it('replaces the guard of the decorators', async () => {
    const open: CanActivate = { canActivate: () => true }
    const api = await listen(
      testing(MaskinportenModule.forRoot({ validator })).overrideGuard(MaskinportenGuard).useValue(open),
    )
    expect((await call(api, '/read')).status).toBe(200)
  })
})

describe('forRootAsync', () => {
  const ISSUER = Symbol('ISSUER')
  @Module({ providers: [{ provide: ISSUER, useFactory: () => mock.issuer }], exports: [ISSUER] })
  class SettingsModule {}

  it('forRootAsync takes its options from other providers', async () => {
    const api = await listen(
      testing(
        MaskinportenModule.forRootAsync({
          imports: [SettingsModule],
          inject: [ISSUER],
          useFactory: async (issuer: string) => ({ issuer, fetch: mock.fetch }),
        }),
      ),
    )
    expect((await call(api, '/read')).status).toBe(401)
    expect((await call(api, '/read', await bearer())).status).toBe(200)
  })

  it('forRootAsync needs only its factory', async () => {
    const module = MaskinportenModule.forRootAsync({ useFactory: () => ({ validator }) })
    expect(module.imports).toEqual([])
    expect((await call(await listen(testing(module)), '/read', await bearer())).status).toBe(200)
  })

  it('forRootAsync throws for an unknown member', () => {
    expect(() => MaskinportenModule.forRootAsync({} as never)).toThrow(
      /^forRootAsync takes { imports, inject, useFactory }$/,
    )
    expect(() => MaskinportenModule.forRootAsync({ useFactory: () => ({}), x: 1 } as never)).toThrow(
      /^forRootAsync has no option `x`\. Its options are imports, inject, useFactory$/,
    )
  })
})

/** As applications write them: the options are getters, which a copy loses. */
class Settings {
  readonly issuer = 'https://x.no/'
  get audience() {
    return 'https://a.no'
  }
  get publicRoutes() {
    return () => false
  }
}

describe('options whose members a copy would lose stop the start', () => {
  test.each<[string, object, RegExp]>([
    ['getters of a class', new Settings(), /`audience`.*Copy its members/],
    ['an inherited validator', Object.create({ validator: {} }), /`validator`.*Copy/],
    [
      'a realm that is not enumerable',
      Object.defineProperty({ issuer: 'https://x.no/' }, 'realm', { value: 'x' }),
      /`realm`.*Copy/,
    ],
  ])('%s', async (_title, options, message) => {
    await expect(testing(MaskinportenModule.forRoot(options)).compile()).rejects.toThrow(message)
    const byFactory = MaskinportenModule.forRootAsync({ useFactory: () => options })
    await expect(testing(byFactory).compile()).rejects.toThrow(message)
  })

  it('an inherited factory', () => {
    const options = Object.create({ useFactory: () => ({}) })
    expect(() => MaskinportenModule.forRootAsync(options)).toThrow(/`useFactory`.*Copy/)
  })
})

describe('a mistake stops the start', () => {
  it.each<[string, MaskinportenModuleOptions, RegExp]>([
    ['an unknown option', { environmnt: 'test' } as never, /no option `environmnt`/],
    ['no validator', { validator: undefined } as never, /`validator` is undefined/],
    [
      'publicRoutes that is no function',
      { publicRoutes: ['/x'] } as never,
      /`publicRoutes` must be a function/,
    ],
    ['options that are none', null as never, /takes an object/],
    ['options that are a text', 'test' as never, /takes an object/],
    ['options that are a number', 7 as never, /takes an object/],
    ['a validator that is none', { validator: {} as never }, /`validator` must come from/],
  ])('%s', async (_title, options, message) => {
    await expect(testing(MaskinportenModule.forRoot(options)).compile()).rejects.toThrow(message)
  })

  it('an option that has no effect together with a validator', async () => {
    await expect(testing(MaskinportenModule.forRoot({ validator, realm: 'x' })).compile()).rejects.toThrow(
      /`realm` has no effect/,
    )
  })

  it('the missing module, which the error names', async () => {
    const module = await testing().compile()
    await expect(module.createNestApplication({ logger: false }).init()).rejects.toThrow(
      /add MaskinportenModule\.forRoot\(\) to the imports/,
    )
  })

  test.each<[string, PropertyDescriptor | undefined]>([
    ['replaced a guarded method', { value: () => 'open', configurable: true }],
    ['made an accessor of one', { get: () => () => 'open', configurable: true }],
    ['removed one', undefined],
  ])('a decorator that %s', async (_title, replacement) => {
    class TracedController {
      get() {
        return 'read'
      }
    }
    decorated(TracedController.prototype, RequireMaskinportenScope(READ))
    Reflect.deleteProperty(TracedController.prototype, 'get')
    if (replacement) Object.defineProperty(TracedController.prototype, 'get', replacement)
    Controller('traced')(TracedController)
    const imports = [MaskinportenModule.forRoot({ validator })]
    for (const metadata of [{ controllers: [TracedController] }, { providers: [TracedController] }]) {
      const module = await Test.createTestingModule({ imports, ...metadata }).compile()
      await expect(module.createNestApplication({ logger: false }).init()).rejects.toThrow(
        /^Another decorator replaced TracedController\.get after @RequireMaskinportenScope .* above that decorator$/,
      )
    }
    // An application without the class starts.
    await expect(listen(testing(...imports))).resolves.toBeDefined()
  })
})

/** Decorates `get` as the compiler would. */
function decorated(prototype: object, decorator: ReturnType<typeof SkipMaskinporten>): void {
  decorator(prototype, 'get', Object.getOwnPropertyDescriptor(prototype, 'get') as PropertyDescriptor)
}

it('a decorator can replace an open method, and a method that its class guards', async () => {
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
  await expect(listen(testing(MaskinportenModule.forRoot({ validator })))).resolves.toBeDefined()
})

describe('UseGuards alone refuses a handler without a requirement', () => {
  @Controller('bare')
  @UseGuards(MaskinportenGuard)
  class BareController {
    @Get()
    get() {
      return 'bare'
    }
  }
  const bare = (metadata: ModuleMetadata) =>
    listen(Test.createTestingModule({ ...metadata, controllers: [BareController] }))

  it('with the module, whose denialBody gets the request', async () => {
    const own = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: mock.fetch,
      denialBody: ({ reason }, request) => ({ reason, url: (request as { url: string }).url }),
    })
    const api = await bare({ imports: [MaskinportenModule.forRoot({ validator: own })] })
    expect(JSON.parse((await call(api, '/bare', await bearer())).body)).toEqual({
      reason: 'no_guard',
      url: '/bare',
    })
  })

  it('with only a validator', async () => {
    const api = await bare({
      providers: [MaskinportenGuard, { provide: MASKINPORTEN_VALIDATOR, useValue: validator }],
    })
    expect(JSON.parse((await call(api, '/bare', await bearer())).body)).toMatchObject({ reason: 'no_guard' })
  })
})

it('a refused request is refused by every later guard', async () => {
  const module = await testing(MaskinportenModule.forRoot({ validator })).compile()
  await module.createNestApplication({ logger: false }).init()
  const response = { headersSent: true, destroy: () => undefined }
  const context = new ExecutionContextHost([{}, response], ReadController, ReadController.prototype.get)
  for (let times = 0; times < 2; times++) {
    await expect(module.get(MaskinportenGuard).canActivate(context)).rejects.toThrow('no_credentials')
  }
})

it.each(['ws', 'rpc'])(
  'a guarded handler of the transport %s is refused, and the log says why once',
  async (type) => {
    const errors: string[] = []
    const logger = {
      log: () => undefined,
      warn: () => undefined,
      error: (line: string) => void errors.push(line),
    }
    const module = await testing(MaskinportenModule.forRoot({ validator })).compile()
    module.useLogger(logger)
    const message = { headers: { authorization: (await bearer())[0] }, req: { headers: {} } }
    const context = new ExecutionContextHost([message, message], ReadController, ReadController.prototype.get)
    context.setType(type)
    const guard = module.get(MaskinportenGuard)
    expect([await guard.canActivate(context), await guard.canActivate(context)]).toEqual([false, false])
    expect(errors).toEqual([
      expect.stringMatching(
        /^ReadController\.get was called without an HTTP request .* the guard is for HTTP/,
      ),
    ])
  },
)
