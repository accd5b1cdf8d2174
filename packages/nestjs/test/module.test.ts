import { type CanActivate, Controller, Module, type ModuleMetadata, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import { fakeValidator, fakeVerifiedToken } from '@portvakt/mock'
import {
  createMaskinportenValidator,
  defaultMaskinportenValidator,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  MaskinportenModule,
  type MaskinportenValidator,
} from '@portvakt/nestjs'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import {
  bearer,
  call,
  expectGuarded,
  expectOpen,
  listen,
  mock,
  PlainController,
  READ,
  ReadController,
  reasonOf,
  recordErrors,
  validator,
} from './vedtak-api.js'

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
  it('MaskinportenModule reads the environment when it creates its providers, not on import', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    await expect(testing(AppModule).compile()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const module = await testing(AppModule).compile()
    expect(module.get(MASKINPORTEN_VALIDATOR).health()).toMatchObject({ usable: false })
  })

  it('MaskinportenModule’s validator from the environment is the shared default validator', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const module = await testing(MaskinportenModule.forRoot()).compile()
    expect(module.get(MASKINPORTEN_VALIDATOR)).toBe(defaultMaskinportenValidator())
  })

  it('the application starts without an issuer in the environment if the validator is overridden', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    const api = await listen(testing(AppModule).overrideProvider(MASKINPORTEN_VALIDATOR).useValue(validator))
    await expectGuarded(api, '/read')
  })
})

describe('overrides', () => {
  const open: CanActivate = { canActivate: () => true }
  const startWith = (fake: MaskinportenValidator) =>
    listen(testing(AppModule).overrideProvider(MASKINPORTEN_VALIDATOR).useValue(fake))

  it('with fakeValidator in place of the validator, guarded routes allow requests and undecorated routes answer 403', async () => {
    const api = await startWith(fakeValidator(fakeVerifiedToken({ scope: READ })))
    await expectOpen(api, '/read', 'read')
    expect((await call(api, '/plain')).status).toBe(403)
  })

  it('with `fakeValidator(reason)` in place of the validator, guarded routes refuse requests for that reason', async () => {
    const { status, headers } = await call(await startWith(fakeValidator('insufficient_scope')), '/read')
    expect(status).toBe(403)
    expect(headers['www-authenticate']).toContain(`scope="${READ}"`)
  })

  it('overrideProvider replaces the guard that APP_GUARD uses', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const builder = testing(AppModule).overrideProvider(MaskinportenGuard).useValue(open)
    await expectOpen(await listen(builder), '/plain', 'plain')
  })

  it('overrideGuard replaces the guard that @RequireMaskinportenScope uses', async () => {
    const module = testing(MaskinportenModule.forRoot({ validator }))
    await expectOpen(await listen(module.overrideGuard(MaskinportenGuard).useValue(open)), '/read', 'read')
  })
})

it('the application does not start with an unknown option, and the error names the module', async () => {
  const module = testing(MaskinportenModule.forRoot({ validatr: validator } as never))
  await expect(module.compile()).rejects.toThrow('MaskinportenModule has no option `validatr`')
})

it('the application starts if a provider is undefined', async () => {
  const imports = [MaskinportenModule.forRoot({ validator })]
  const providers = [{ provide: 'NOTHING', useFactory: () => undefined }]
  const module = Test.createTestingModule({ imports, providers, controllers: [ReadController] })
  await expectGuarded(await listen(module), '/read')
})

describe('forRootAsync', () => {
  const ISSUER = Symbol('ISSUER')
  @Module({ providers: [{ provide: ISSUER, useFactory: () => mock.issuer }], exports: [ISSUER] })
  class SettingsModule {}

  it('forRootAsync injects other providers into the factory of its options', async () => {
    const module = MaskinportenModule.forRootAsync({
      imports: [SettingsModule],
      inject: [ISSUER],
      useFactory: async (issuer: string) => ({ issuer, fetch: mock.fetch }),
    })
    await expectGuarded(await listen(testing(module)), '/read')
  })

  it('forRootAsync requires only `useFactory`', async () => {
    const module = MaskinportenModule.forRootAsync({ useFactory: () => ({ validator }) })
    expect(module.imports).toEqual([])
    await expectGuarded(await listen(testing(module)), '/read')
  })

  it('forRootAsync throws for an unknown member', () => {
    expect(() => MaskinportenModule.forRootAsync({} as never)).toThrow(
      /^forRootAsync takes { imports, inject, useFactory }$/,
    )
    expect(() => MaskinportenModule.forRootAsync({ useFactory: () => ({}), x: 1 } as never)).toThrow(
      /^forRootAsync has no option `x`\. Its options are imports, inject, useFactory$/,
    )
    for (const list of ['imports', 'inject']) {
      const options = { useFactory: () => ({}), [list]: 'x' }
      expect(() => MaskinportenModule.forRootAsync(options)).toThrow(`\`${list}\` must be a list`)
    }
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
  const hidden = Object.defineProperty({ issuer: 'https://x.no/' }, 'realm', { value: 'x' })
  test.each<[string, object, RegExp]>([
    ['getters of a class', new Settings(), /`audience`.*Copy its members into a plain object/],
    ['an inherited validator', Object.create({ validator: {} }), /`validator`.*Copy/],
    ['a realm that is not enumerable', hidden, /`realm`.*Copy/],
  ])('the application does not start if a copy of the options loses %s', async (_title, options, message) => {
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
  it.each<[string, unknown, RegExp]>([
    ['an unknown option', { environmnt: 'test' }, /no option `environmnt`/],
    ['an undefined validator', { validator: undefined }, /`validator` is undefined/],
    ['a publicRoutes that is not a function', { publicRoutes: ['/x'] }, /`publicRoutes` must be a function/],
    ['null options', null, /takes an object/],
    ['string options', 'test', /takes an object/],
    ['number options', 7, /takes an object/],
    ['an option next to a validator', { validator, realm: 'x' }, /`realm` has no effect/],
    ['an invalid validator', { validator: {} }, /`validator` must come from/],
  ])('the application does not start with %s', async (_title, options, message) => {
    await expect(testing(MaskinportenModule.forRoot(options as never)).compile()).rejects.toThrow(message)
  })

  it('the application does not start without MaskinportenModule, and the error names the module', async () => {
    const module = await testing().compile()
    await expect(module.createNestApplication({ logger: false }).init()).rejects.toThrow(
      /add MaskinportenModule\.forRoot\(\) to the imports/,
    )
  })
})

describe('UseGuards without a requirement', () => {
  @Controller('bare')
  @UseGuards(MaskinportenGuard)
  class BareController extends PlainController {}
  const bare = (metadata: ModuleMetadata) =>
    listen(Test.createTestingModule({ ...metadata, controllers: [BareController] }))

  it('@UseGuards(MaskinportenGuard) refuses requests to a handler without a requirement; denialBody gets the request', async () => {
    const own = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: mock.fetch,
      denialBody: ({ reason }, request) => ({ reason, url: (request as { url: string }).url }),
    })
    const api = await bare({ imports: [MaskinportenModule.forRoot({ validator: own })] })
    const { body } = await call(api, '/bare', await bearer())
    expect(JSON.parse(body)).toEqual({ reason: 'no_guard', url: '/bare' })
  })

  it('@UseGuards(MaskinportenGuard) refuses requests to a handler without a requirement if the module is missing', async () => {
    const provider = { provide: MASKINPORTEN_VALIDATOR, useValue: validator }
    const api = await bare({ providers: [MaskinportenGuard, provider] })
    expect(await reasonOf(call(api, '/bare', await bearer()))).toEqual([403, 'no_guard'])
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

it.each(['ws', 'rpc'])('the NestJS guard refuses calls over %s, and logs the reason once', async (type) => {
  const errors: string[] = []
  const module = await testing(MaskinportenModule.forRoot({ validator })).compile()
  module.useLogger(recordErrors(errors))
  const message = { headers: { authorization: (await bearer())[0] }, req: { headers: {} } }
  const context = new ExecutionContextHost([message, message], ReadController, ReadController.prototype.get)
  context.setType(type)
  const guard = module.get(MaskinportenGuard)
  expect([await guard.canActivate(context), await guard.canActivate(context)]).toEqual([false, false])
  expect(errors).toEqual([
    expect.stringMatching(/^ReadController\.get was called without an HTTP request .* the guard is for HTTP/),
  ])
})
