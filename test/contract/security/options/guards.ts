import { Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import {
  consentsInForce,
  createMaskinportenValidator,
  createTexasValidator,
  MaskinportenError,
  naisScopeName,
} from '@portvakt/core'
import { createGuard, denialOf, prepareRequirement } from '@portvakt/core/adapter'
import { secureOperation, secureOperations, securityOf } from '@portvakt/core/openapi'
import * as fastify from '@portvakt/fastify'
import { createMockMaskinporten, fakeVerifiedToken } from '@portvakt/mock'
import { MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import Fastify from 'fastify'
import { ADAPTERS } from '../../../adapters.mjs'
import { list, options, record } from './takers.js'

const mock = await createMockMaskinporten()
const jwks = mock.jwks()
const [jwk] = jwks.keys
const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
const error = new MaskinportenError('expired')
const ISSUER = { issuer: 'https://x.no/' }
const URLS = ['https://a.no/', 'https://b.no/']
const NUMBERS = ['889640782', '310385980']
const ALGORITHMS = ['RS256', 'RS512']
const VALIDATOR = { ...ISSUER, audience: URLS, algorithms: ALGORITHMS, clockTolerance: 5, fetch: mock.fetch }
const TEXAS = { ...ISSUER, introspectionEndpoint: 'http://127.0.0.1/', audience: 'https://a.no', deadline: 2 }
const SCOPED = { scope: 'nav:a', consumers: NUMBERS }
const RULE = {
  scope: 'nav:a',
  audience: URLS,
  consumers: NUMBERS,
  delegation: 'forbidden',
  systemUser: 'required',
  consent: 'required',
  pid: () => '01010199999',
  authorize: () => false,
}

const AUDIENCE = { audience: URLS }
const DOCUMENT = { openapi: '3.1.0', paths: { '/': { get: {} } } }

const useFactory = () => ({ validator })

const SETTING = Symbol('SETTING')

@Module({ providers: [{ provide: SETTING, useValue: 1 }], exports: [SETTING] })
class SettingsModule {}

const compile = (module: ReturnType<typeof MaskinportenModule.forRoot>) =>
  Test.createTestingModule({ imports: [module] }).compile()

const forRoot = (given: never) => compile(MaskinportenModule.forRoot(given))
const forRootAsync = (given: Parameters<typeof MaskinportenModule.forRootAsync>[0]) =>
  compile(MaskinportenModule.forRootAsync(given))

const register = async (given: never) => {
  await Fastify().register(fastify.maskinporten, given).ready()
}

const validatorWith = (given: object) => createMaskinportenValidator({ ...ISSUER, ...given })
const prepareWith = (given: object) => prepareRequirement({ scope: 'nav:a', ...given })

/** The guards that take a requirement and options. NestJS is missing: its decorator takes no options. */
const GUARDS = await Promise.all(
  ADAPTERS.filter(({ name }) => name !== 'nestjs').map(
    async ({ name }): Promise<[string, (requirement: never, options: never) => unknown]> => {
      const { requireMaskinportenScope } = await import(`@portvakt/${name}`)
      return [name, requireMaskinportenScope]
    },
  ),
)

/** The functions of core and of the adapters that take an option object. */
export const GUARD_TAKERS = [
  options('createMaskinportenValidator', VALIDATOR, createMaskinportenValidator),
  options('`keys` of a validator', { maxAge: 60, timeout: 3 }, (keys) => validatorWith({ keys })),
  options('`tokenCache` of a validator', { maxTokens: 5, maxBytes: 65_536 }, (tokenCache) =>
    validatorWith({ tokenCache }),
  ),
  record('`jwks` of a validator', { ...jwks }, (given) => validatorWith({ jwks: given })),
  record('a key in `jwks` of a validator', { ...jwk }, (key) => validatorWith({ jwks: { keys: [key] } })),
  options('createTexasValidator', TEXAS, createTexasValidator),
  options('prepareRequirement', RULE, prepareRequirement),
  options('the result of a requirement function', RULE, (rule) =>
    prepareRequirement(() => rule).ruleFor(undefined),
  ),
  options('a requirement of `verify`', SCOPED, async (rule) => {
    const verified = validator.verify(await mock.issueToken({ scope: 'nav:a' }), rule)
    await verified.catch((thrown: unknown) => {
      if (!(thrown instanceof MaskinportenError)) throw thrown
    })
  }),
  options('`allOf`', { allOf: ['nav:a', 'nav:b'] }, (scope) => prepareWith({ scope })),
  options('a nested `anyOf`', { anyOf: ['nav:a', 'nav:b'] }, (scope) =>
    prepareWith({ scope: { allOf: [scope] } }),
  ),
  options('`delegation`', { suppliers: NUMBERS, sources: URLS }, (delegation) => prepareWith({ delegation })),
  options('`consent`', { resources: ['a', 'b'] }, (consent) => prepareWith({ consent })),
  options('naisScopeName', { product: 'helse', name: 'a', separator: '/', prefix: 'nav' }, naisScopeName),
  options('denialOf', { realm: 'vedtak' }, (given) => denialOf(error, given)),
  options('securityOf', AUDIENCE, (given) => securityOf('nav:a', given)),
  options('the requirement of securityOf', RULE, (given) => securityOf(given)),
  options('secureOperation', AUDIENCE, (given) => secureOperation(DOCUMENT, 'get', '/', 'nav:a', given)),
  options('secureOperations', AUDIENCE, (given) => secureOperations(DOCUMENT, () => [], given)),
  options('createGuard', { validator }, (given) => createGuard('nav:a', given)),
  ...GUARDS.flatMap(([adapter, guard]) => [
    options(`the options of ${adapter}'s guard`, { validator }, (given) => guard('nav:a' as never, given)),
    options(`the requirement of ${adapter}'s guard`, SCOPED, (given) => guard(given, { validator } as never)),
  ]),
  options('@RequireMaskinportenScope', SCOPED, (given) => RequireMaskinportenScope(given)),
  options('the Fastify plugin', { validator, defaultDeny: true, publicRoutes: () => false }, register),
  options('MaskinportenModule.forRoot', { validator, publicRoutes: () => false }, forRoot),
  options('MaskinportenModule.forRoot with options of a validator', VALIDATOR, forRoot),
  options(
    'MaskinportenModule.forRootAsync',
    { imports: [SettingsModule], inject: [SETTING], useFactory },
    forRootAsync,
  ),
  options("the result of forRootAsync's factory", VALIDATOR, (given) =>
    forRootAsync({ useFactory: async () => given }),
  ),
]

/** The lists that core takes as arguments. */
export const GUARD_LISTS = [
  list('`resources` of consentsInForce', ['a', 'b'], (resources) =>
    consentsInForce(fakeVerifiedToken(), resources),
  ),
]
