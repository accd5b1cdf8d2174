import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import {
  getMaskinportenToken,
  MaskinportenGuard,
  MaskinportenModule,
  RequireMaskinportenScope,
  SkipMaskinporten,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import { READ, validator } from './vedtak-api.js'

describe('errors of decorators', () => {
  it('an invalid requirement throws when the class is defined', () => {
    expect(() => RequireMaskinportenScope('sykepenger/afp.read')).toThrow(/nais\.yaml/)
    expect(() => RequireMaskinportenScope({ scope: READ, consumers: [] })).toThrow(/empty/)
  })

  it('a second decorator on a method or class throws', () => {
    class Twice {
      get() {}
    }
    const get = Object.getOwnPropertyDescriptor(Twice.prototype, 'get') as PropertyDescriptor
    RequireMaskinportenScope(READ)(Twice.prototype, 'get', get)
    expect(() => SkipMaskinporten()(Twice.prototype, 'get', get)).toThrow(
      'Twice.get already has a requirement or is open: @SkipMaskinporten cannot be added',
    )
    SkipMaskinporten()(Twice)
    expect(() => RequireMaskinportenScope(READ)(Twice)).toThrow(
      'Twice already has a requirement or is open: @RequireMaskinportenScope cannot be added',
    )
  })

  it('a decorator throws on a property, or when compiled as a standard decorator', () => {
    const require = RequireMaskinportenScope(READ)
    expect(() => require({}, 'get')).toThrow(/^@RequireMaskinportenScope belongs on a class or a method/)
    expect(() => require(class {}, 'get')).toThrow(/belongs on a class or a method/)
    expect(() => SkipMaskinporten()({})).toThrow(/^@SkipMaskinporten belongs on a class or a method/)
    expect(() => require(() => undefined, { kind: 'method' } as never)).toThrow(/experimentalDecorators/)
  })
})

it('a subclass can replace the decorator of its base class', () => {
  class Base {}
  class Extended extends Base {}
  SkipMaskinporten()(Base)
  expect(() => RequireMaskinportenScope(READ)(Extended)).not.toThrow()
})

describe('a call that is not an HTTP request', () => {
  class Gateway {
    @RequireMaskinportenScope(READ)
    required() {}

    @SkipMaskinporten()
    skipped() {}

    bare() {}
  }

  test.each([
    ['ws', 'required', false],
    ['ws', 'bare', false],
    ['ws', 'skipped', true],
    ['rpc', 'required', false],
    ['rpc', 'bare', false],
    ['graphql', 'required', false],
  ] as const)('for a %s call to the `%s` handler, the guard returns %s', async (type, method, passes) => {
    const module = await Test.createTestingModule({
      imports: [MaskinportenModule.forRoot({ validator, publicRoutes: () => true })],
    }).compile()
    const context = new ExecutionContextHost([{}, {}], Gateway, Gateway.prototype[method])
    context.setType(type)
    expect(await module.get(MaskinportenGuard).canActivate(context)).toBe(passes)
  })
})

it('getMaskinportenToken returns the token that the guard put on the request', () => {
  const maskinporten = {} as VerifiedToken
  expect(getMaskinportenToken({ maskinporten })).toBe(maskinporten)
})

it('getMaskinportenToken for NestJS throws if no guard ran', () => {
  expect(() => getMaskinportenToken({})).toThrow(/No Maskinporten guard ran.*@RequireMaskinportenScope/)
})
