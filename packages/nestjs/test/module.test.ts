import { type CanActivate, Controller, Get, type INestApplication, Module, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import {
  createMaskinportenValidator,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  MaskinportenModule,
  type MaskinportenModuleOptions,
  type MaskinportenValidator,
  RequireMaskinportenScope,
} from '@portvakt/nestjs'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { call, PlainController, READ } from './vedtak-api.js'

let mock: MockMaskinporten
let validator: MaskinportenValidator
let app: INestApplication | undefined

beforeAll(async () => {
  mock = await createMockMaskinporten()
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
})
afterEach(async () => {
  await app?.close()
  app = undefined
  vi.unstubAllEnvs()
})

const bearer = async () => [`Bearer ${await mock.issueToken({ scope: READ })}`]

@Controller('read')
class ReadController {
  @Get()
  @RequireMaskinportenScope(READ)
  get() {
    return 'read'
  }
}

/** As an application writes it: made on import, whatever the environment says. */
@Module({
  imports: [MaskinportenModule.forRoot()],
  controllers: [ReadController, PlainController],
  providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
})
class AppModule {}

const testing = (...imports: unknown[]) =>
  Test.createTestingModule({ imports: imports as [], controllers: [ReadController] })

async function listen(builder: ReturnType<typeof Test.createTestingModule>): Promise<INestApplication> {
  app = (await builder.compile()).createNestApplication({ logger: false })
  await app.listen(0, '127.0.0.1')
  return app
}

describe('the environment', () => {
  it('is read when the providers are made, not on import', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    await expect(testing(AppModule).compile()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
    const module = await testing(AppModule).compile()
    expect(module.get(MASKINPORTEN_VALIDATOR).health()).toMatchObject({ usable: false })
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

  it('takes its options from other providers', async () => {
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

  it('throws for what it does not know', () => {
    expect(() => MaskinportenModule.forRootAsync({} as never)).toThrow(
      /takes { imports, inject, useFactory }/,
    )
    expect(() => MaskinportenModule.forRootAsync({ useFactory: () => ({}), x: 1 } as never)).toThrow(
      /not `x`/,
    )
  })
})

describe('a mistake stops the start', () => {
  it.each<[string, MaskinportenModuleOptions, RegExp]>([
    ['an unknown option', { environmnt: 'test' } as never, /no option `environmnt`/],
    ['no validator', { validator: undefined } as never, /`validator` must come from/],
    [
      'publicRoutes that is no function',
      { publicRoutes: ['/x'] } as never,
      /`publicRoutes` must be a function/,
    ],
    ['options that are none', null as never, /takes an object/],
    ['a validator that is none', { validator: {} as never }, /`validator` must come from/],
  ])('%s', async (_title, options, message) => {
    await expect(testing(MaskinportenModule.forRoot(options)).compile()).rejects.toThrow(message)
  })

  it('an option that has no effect beside a validator', async () => {
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

  it('a decorator that replaced a guarded method', async () => {
    const Traced: MethodDecorator = (_target, _key, descriptor) => {
      descriptor.value = (() => 'open') as never
    }
    class TracedController {
      get() {
        return 'read'
      }
    }
    const { prototype } = TracedController
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'get') as PropertyDescriptor
    RequireMaskinportenScope(READ)(prototype, 'get', descriptor)
    Traced(prototype, 'get', descriptor)
    const original = prototype.get
    Object.defineProperty(prototype, 'get', descriptor)
    const module = await testing(MaskinportenModule.forRoot({ validator })).compile()
    await expect(module.createNestApplication({ logger: false }).init()).rejects.toThrow(
      /replaced TracedController\.get .* above that decorator/,
    )
    prototype.get = original
  })
})

it('UseGuards alone refuses a handler without a requirement', async () => {
  @Controller('bare')
  @UseGuards(MaskinportenGuard)
  class BareController {
    @Get()
    get() {
      return 'bare'
    }
  }
  const builder = Test.createTestingModule({
    imports: [MaskinportenModule.forRoot({ validator })],
    controllers: [BareController],
  })
  const api = await listen(builder)
  expect(JSON.parse((await call(api, '/bare', await bearer())).body)).toMatchObject({ reason: 'no_guard' })
})
