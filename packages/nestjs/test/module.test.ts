import { Controller, Module, Scope, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { fakeValidator, fakeVerifiedToken } from '@portvakt/mock'
import {
  defaultMaskinportenValidator,
  MASKINPORTEN_VALIDATOR,
  MaskinportenGuard,
  MaskinportenModule,
  type MaskinportenValidator,
} from '@portvakt/nestjs'
import { afterEach, expect, it, test, vi } from 'vitest'
import {
  bearer,
  CLOSED,
  call,
  decorated,
  expectAnswers,
  expectNoStart,
  guarded,
  listen,
  maskinportenModule,
  mock,
  open,
  PlainController,
  READ,
  ReadController,
  requireRead,
  start,
  urlValidator,
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

const testing = (module: unknown) =>
  Test.createTestingModule({ imports: [module as never], controllers: [ReadController] })
/** Starts the application with this validator in place of its own. */
const listenWith = (fake: MaskinportenValidator) =>
  listen(testing(AppModule).overrideProvider(MASKINPORTEN_VALIDATOR).useValue(fake))
const startWith = (module: object) => start([ReadController], { imports: [module] })

it('MaskinportenModule gets the shared default validator when it creates its providers, not on import', async () => {
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  await expect(testing(AppModule).compile()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
  vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
  const module = await testing(AppModule).compile()
  expect(module.get(MASKINPORTEN_VALIDATOR)).toBe(defaultMaskinportenValidator())
})

it('the application starts without an issuer in the environment if the validator is overridden', async () => {
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  await expectAnswers(listenWith(validator), { '/read': guarded() })
})

it('with fakeValidator in place of the validator, guarded routes answer as it says, and undecorated routes answer 403', async () => {
  const fake = fakeValidator(fakeVerifiedToken({ scope: READ }))
  await expectAnswers(listenWith(fake), { '/read': open('read'), '/plain': CLOSED })
  const { status, headers } = await call(await listenWith(fakeValidator('insufficient_scope')), '/read')
  expect(status).toBe(403)
  expect(headers['www-authenticate']).toContain(`scope="${READ}"`)
})

it('overrideProvider and overrideGuard replace the guard of APP_GUARD and of @RequireMaskinportenScope', async () => {
  vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
  const allowing = { canActivate: () => true }
  const builder = testing(AppModule).overrideProvider(MaskinportenGuard).useValue(allowing)
  await expectAnswers(listen(builder), { '/plain': open('plain') })
  const other = testing(maskinportenModule).overrideGuard(MaskinportenGuard).useValue(allowing)
  await expectAnswers(listen(other), { '/read': open('read') })
})

it.each([
  ['@RequireMaskinportenScope', requireRead],
  ['@UseGuards(MaskinportenGuard)', UseGuards(MaskinportenGuard)],
])(
  'the application does not start with %s on a module, from which NestJS reads no guards',
  async (_title, decorate) => {
    const type = decorated(class VedtakModule {}, decorate)
    Module({ controllers: [PlainController] })(type)
    const starting = start([], { imports: [maskinportenModule, type] })
    await expectNoStart(starting, /^A guard on the module VedtakModule guards nothing.*on each controller$/)
  },
)

it('the application does not start if its global guard depends on a request-scoped provider', async () => {
  const useFactory = () => ({ validator })
  const perRequest = { provide: 'TENANT', scope: Scope.REQUEST, useFactory: () => ({}) }
  const settings = { module: class SettingsModule {}, providers: [perRequest], exports: ['TENANT'] }
  const module = MaskinportenModule.forRootAsync({ imports: [settings], inject: ['TENANT'], useFactory })
  await expectNoStart(start([], { imports: [module], isGlobal: true }), /request-scoped|Scope\.REQUEST/)
  const guard = { provide: APP_GUARD, scope: Scope.REQUEST, useClass: MaskinportenGuard }
  const api = start([PlainController], { imports: [module], providers: [guard] })
  await expectAnswers(api, { '/plain': CLOSED })
})

it('the application starts if a provider is undefined', async () => {
  const providers = [{ provide: 'NOTHING', useFactory: () => undefined }]
  await expectAnswers(start([ReadController], { providers }), { '/read': guarded() })
})

it('forRootAsync injects other providers into the factory of its options', async () => {
  const ISSUER = Symbol('ISSUER')
  const settings = {
    module: class SettingsModule {},
    providers: [{ provide: ISSUER, useFactory: () => mock.issuer }],
    exports: [ISSUER],
  }
  const module = MaskinportenModule.forRootAsync({
    imports: [settings],
    inject: [ISSUER],
    useFactory: async (issuer: string) => ({ issuer, fetch: mock.fetch }),
  })
  await expectAnswers(startWith(module), { '/read': guarded() })
})

it('forRootAsync requires only `useFactory`', async () => {
  const module = MaskinportenModule.forRootAsync({ useFactory: () => ({ validator }) })
  expect(module.imports).toEqual([])
  await expectAnswers(startWith(module), { '/read': guarded() })
})

const useFactory = () => ({})

test.each<[string, object, string | RegExp]>([
  ['no member', {}, /^forRootAsync takes { imports, inject, useFactory }$/],
  [
    'an unknown member',
    { useFactory, x: 1 },
    /^forRootAsync has no option `x`\. Its options are imports, inject, useFactory$/,
  ],
  ['`imports` that is not a list', { useFactory, imports: 'x' }, '`imports` must be a list'],
  ['`inject` that is not a list', { useFactory, inject: 'x' }, '`inject` must be a list'],
  ['an inherited useFactory', Object.create({ useFactory }), /`useFactory`.*Copy/],
])('forRootAsync throws for %s', (_title, options, message) => {
  expect(() => MaskinportenModule.forRootAsync(options as never)).toThrow(message)
})

class Settings {
  readonly issuer = 'https://x.no/'
  get audience() {
    return 'https://a.no'
  }
}

it.each<[string, unknown, RegExp]>([
  ['an unknown option', { environmnt: 'test' }, /MaskinportenModule has no option `environmnt`/],
  ['an undefined validator', { validator: undefined }, /`validator` is undefined/],
  ['a publicRoutes that is not a function', { publicRoutes: ['/x'] }, /`publicRoutes` must be a function/],
  ['null options', null, /takes an object/],
  [
    'a validator in place of options',
    validator,
    /^MaskinportenModule takes options, not a validator: write `{ validator }`$/,
  ],
  ['an option next to a validator', { validator, realm: 'x' }, /`realm` has no effect/],
  ['an invalid validator', { validator: {} }, /`validator` must come from/],
  [
    'getters of a class, which a copy would lose',
    new Settings(),
    /`audience`.*Copy its members into a plain object/,
  ],
])('the application does not start with %s', async (_title, options, message) => {
  await expectNoStart(testing(MaskinportenModule.forRoot(options as never)).compile(), message)
  const byFactory = MaskinportenModule.forRootAsync({ useFactory: () => options as never })
  await expectNoStart(testing(byFactory).compile(), message)
})

it('the application does not start without MaskinportenModule, and the error names the module', async () => {
  const message = /add MaskinportenModule\.forRoot\(\) to the imports/
  await expectNoStart(start([ReadController], { imports: [] }), message)
})

it('@UseGuards(MaskinportenGuard) refuses requests to a handler without a requirement, with and without the module', async () => {
  @Controller('bare')
  @UseGuards(MaskinportenGuard)
  class BareController extends PlainController {}
  const imports = [MaskinportenModule.forRoot({ validator: urlValidator })]
  const { body } = await call(await start([BareController], { imports }), '/bare', await bearer())
  expect(JSON.parse(body)).toEqual({ reason: 'no_guard', url: '/bare' })
  const providers = [MaskinportenGuard, { provide: MASKINPORTEN_VALIDATOR, useValue: validator }]
  await expectAnswers(start([BareController], { imports: [], providers }), { '/bare': CLOSED })
})
