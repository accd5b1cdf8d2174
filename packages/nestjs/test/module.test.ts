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
} from '@portvakt/nestjs'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { bearer, call, listen, mock, PlainController, ReadController, validator } from './vedtak-api.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A module that is created on import, as an application's root module is. */
@Module({
  imports: [MaskinportenModule.forRoot()],
  controllers: [ReadController, PlainController],
  providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
})
class AppModule {}

const testing = (...imports: unknown[]) =>
  Test.createTestingModule({ imports: imports as [], controllers: [ReadController] })

describe('the environment', () => {
  it('the module reads the environment when it creates its providers, not on import', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    await expect(testing(AppModule).compile()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const module = await testing(AppModule).compile()
    expect(module.get(MASKINPORTEN_VALIDATOR).health()).toMatchObject({ usable: false })
  })

  it('the module’s validator from the environment is the shared default validator', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const module = await testing(MaskinportenModule.forRoot()).compile()
    expect(module.get(MASKINPORTEN_VALIDATOR)).toBe(defaultMaskinportenValidator())
  })

  it('the start needs no environment if the validator is overridden', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    const api = await listen(testing(AppModule).overrideProvider(MASKINPORTEN_VALIDATOR).useValue(validator))
    expect((await call(api, '/read')).status).toBe(401)
    expect((await call(api, '/read', await bearer())).status).toBe(200)
  })
})

describe('overrideGuard', () => {
  it('overrideProvider replaces the guard that APP_GUARD uses', async () => {
    const open: CanActivate = { canActivate: () => true }
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const builder = testing(AppModule).overrideProvider(MaskinportenGuard).useValue(open)
    expect((await call(await listen(builder), '/plain')).status).toBe(200)
  })

  it('overrideGuard replaces the guard of the decorators', async () => {
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

  it('forRootAsync requires only `useFactory`', async () => {
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

/** Options that are getters of a class, as some applications write them. A copy loses getters. */
class Settings {
  readonly issuer = 'https://x.no/'
  get audience() {
    return 'https://a.no'
  }
  get publicRoutes() {
    return () => false
  }
}

describe('options whose members a copy would lose', () => {
  test.each<[string, object, RegExp]>([
    ['getters of a class', new Settings(), /`audience`.*Copy its members into a plain object/],
    ['an inherited validator', Object.create({ validator: {} }), /`validator`.*Copy/],
    [
      'a realm that is not enumerable',
      Object.defineProperty({ issuer: 'https://x.no/' }, 'realm', { value: 'x' }),
      /`realm`.*Copy/,
    ],
  ])('the start fails if a copy would lose an option: %s', async (_title, options, message) => {
    await expect(testing(MaskinportenModule.forRoot(options)).compile()).rejects.toThrow(message)
    const byFactory = MaskinportenModule.forRootAsync({ useFactory: () => options })
    await expect(testing(byFactory).compile()).rejects.toThrow(message)
  })

  it('forRootAsync throws for an inherited useFactory', () => {
    const options = Object.create({ useFactory: () => ({}) })
    expect(() => MaskinportenModule.forRootAsync(options)).toThrow(/`useFactory`.*Copy/)
  })
})

describe('configuration errors', () => {
  it.each<[string, MaskinportenModuleOptions, RegExp]>([
    ['an unknown option', { environmnt: 'test' } as never, /no option `environmnt`/],
    ['an undefined validator', { validator: undefined } as never, /`validator` is undefined/],
    [
      'a publicRoutes that is not a function',
      { publicRoutes: ['/x'] } as never,
      /`publicRoutes` must be a function/,
    ],
    ['null options', null as never, /takes an object/],
    ['string options', 'test' as never, /takes an object/],
    ['number options', 7 as never, /takes an object/],
    ['an option next to a validator', { validator, realm: 'x' } as never, /`realm` has no effect/],
    ['an invalid validator', { validator: {} as never }, /`validator` must come from/],
  ])('the start fails for %s', async (_title, options, message) => {
    await expect(testing(MaskinportenModule.forRoot(options)).compile()).rejects.toThrow(message)
  })

  it('the start fails without MaskinportenModule, and the error names the module', async () => {
    const module = await testing().compile()
    await expect(module.createNestApplication({ logger: false }).init()).rejects.toThrow(
      /add MaskinportenModule\.forRoot\(\) to the imports/,
    )
  })
})

describe('UseGuards without a requirement', () => {
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

  it('UseGuards refuses requests to a handler without a requirement, and denialBody gets the request', async () => {
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

  it('UseGuards refuses requests to a handler without a requirement if the module is missing', async () => {
    const api = await bare({
      providers: [MaskinportenGuard, { provide: MASKINPORTEN_VALIDATOR, useValue: validator }],
    })
    expect(JSON.parse((await call(api, '/bare', await bearer())).body)).toMatchObject({ reason: 'no_guard' })
  })
})

it('a guard that runs twice refuses a request both times', async () => {
  const module = await testing(MaskinportenModule.forRoot({ validator })).compile()
  await module.createNestApplication({ logger: false }).init()
  const response = { headersSent: true, destroy: () => undefined }
  const context = new ExecutionContextHost([{}, response], ReadController, ReadController.prototype.get)
  for (let times = 0; times < 2; times++) {
    await expect(module.get(MaskinportenGuard).canActivate(context)).rejects.toThrow('no_credentials')
  }
})

it.each(['ws', 'rpc'])('the guard refuses calls over %s, and logs the reason once', async (type) => {
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
    expect.stringMatching(/^ReadController\.get was called without an HTTP request .* the guard is for HTTP/),
  ])
})
