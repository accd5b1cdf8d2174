import { Logger } from '@nestjs/common'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import {
  getMaskinportenToken,
  MaskinportenGuard,
  MaskinportenModule,
  MaskinportenToken,
  RequireMaskinportenScope,
  SkipMaskinporten,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { bearer, READ, validator } from './vedtak-api.js'

afterEach(() => Logger.overrideLogger(new Logger()))

describe('errors of decorators', () => {
  it('@RequireMaskinportenScope throws for an invalid requirement when the class is defined', () => {
    expect(() => RequireMaskinportenScope('sykepenger/afp.read')).toThrow(/nais\.yaml/)
    expect(() => RequireMaskinportenScope({ scope: READ, consumers: [] })).toThrow(/empty/)
  })

  it('a second Maskinporten decorator on the same method or class throws', () => {
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

  it('a Maskinporten decorator throws on a property, and when it is compiled as a standard decorator', () => {
    const require = RequireMaskinportenScope(READ)
    expect(() => require({}, 'get')).toThrow(/^@RequireMaskinportenScope belongs on a class or a method/)
    expect(() => require(class {}, 'get')).toThrow(/belongs on a class or a method/)
    expect(() => SkipMaskinporten()({})).toThrow(/^@SkipMaskinporten belongs on a class or a method/)
    expect(() => require(() => undefined, { kind: 'method' } as never)).toThrow(/experimentalDecorators/)
  })
})

it('a Maskinporten decorator that is written without parentheses throws', () => {
  class Plain {}
  expect(() => RequireMaskinportenScope(Plain as never)).toThrow('call it: @RequireMaskinportenScope(…)')
  expect(() => SkipMaskinporten(Plain as never)).toThrow('call it: @SkipMaskinporten()')
  expect(() => MaskinportenToken(Plain.prototype as never)).toThrow('call it: @MaskinportenToken()')
})

describe('a class inside a wrapper, from which some versions of NestJS read guards', () => {
  const GUARDS = '__guards__'
  class Inner {}
  const wrapperOf = (type: object) => Object.assign(() => undefined, { prototype: type })

  it('@RequireMaskinportenScope on the wrapper of a class guards both the wrapper and the class', () => {
    const wrapper = wrapperOf(Inner.prototype)
    RequireMaskinportenScope(READ)(wrapper)
    for (const type of [wrapper, Inner])
      expect(Reflect.getMetadata(GUARDS, type)).toEqual([MaskinportenGuard])
  })

  it('a Maskinporten decorator throws on the wrapper of a class that already has one', () => {
    class Opened {}
    SkipMaskinporten()(Opened)
    expect(() => RequireMaskinportenScope(READ)(wrapperOf(Opened.prototype))).toThrow(
      'already has a requirement',
    )
  })

  it('@RequireMaskinportenScope guards its class once, and does not guard the base class', () => {
    class Base {}
    class Extended extends Base {}
    RequireMaskinportenScope(READ)(Extended)
    expect(Reflect.getOwnMetadata(GUARDS, Extended)).toEqual([MaskinportenGuard])
    expect(Reflect.getMetadata(GUARDS, Base)).toBeUndefined()
  })

  it('@RequireMaskinportenScope on a wrapper guards only a class that has the same prototype as the wrapper', () => {
    class Other {}
    const unrelated = wrapperOf({ constructor: Other })
    RequireMaskinportenScope(READ)(unrelated)
    expect(Reflect.getMetadata(GUARDS, Other)).toBeUndefined()
    RequireMaskinportenScope(READ)(wrapperOf({ constructor: 'not a function' }))
    RequireMaskinportenScope(READ)(Object.assign(() => undefined, { prototype: undefined }))
  })

  it('@RequireMaskinportenScope on a static method guards only that method, not its class', () => {
    class Owner {}
    const wrapper = Object.assign(wrapperOf(Owner.prototype), { create() {} })
    const method = Object.getOwnPropertyDescriptor(wrapper, 'create') as PropertyDescriptor
    RequireMaskinportenScope(READ)(wrapper, 'create', method)
    expect(Reflect.getMetadata(GUARDS, Owner)).toBeUndefined()
    expect(Reflect.getMetadata(GUARDS, method.value)).toEqual([MaskinportenGuard])
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

describe('a GraphQL query over HTTP', () => {
  class Resolver {
    @RequireMaskinportenScope({
      scope: READ,
      authorize() {
        throw new Error('of the application')
      },
    })
    failing() {}

    bare() {}
  }

  async function activate(method: 'failing' | 'bare', args: object) {
    const module = await Test.createTestingModule({
      imports: [MaskinportenModule.forRoot({ validator, publicRoutes: () => true })],
    }).compile()
    const rawHeaders = ['Authorization', ...(await bearer())]
    const req = { method: 'POST', headers: {}, rawHeaders, on: () => undefined }
    const context = new ExecutionContextHost([{}, args, { req }, {}], Resolver, Resolver.prototype[method])
    context.setType('graphql')
    return module.get(MaskinportenGuard).canActivate(context)
  }

  it('the option `publicRoutes` does not open a GraphQL resolver', async () => {
    await expect(activate('bare', {})).rejects.toThrow('Refused by the Maskinporten guard: no_guard')
  })

  it('an error of `authorize` reaches NestJS even if the resolver’s arguments resemble an ended response', async () => {
    await expect(activate('failing', { writableEnded: true })).rejects.toThrow('of the application')
  })
})

it('the guard refuses a request whose caller has disconnected during the decision', async () => {
  class Controller {
    @RequireMaskinportenScope(READ)
    get() {}
  }
  const module = await Test.createTestingModule({
    imports: [MaskinportenModule.forRoot({ validator })],
  }).compile()
  const rawHeaders = ['Authorization', ...(await bearer())]
  const activate = (request: object) =>
    module
      .get(MaskinportenGuard)
      .canActivate(new ExecutionContextHost([request, {}], Controller, Controller.prototype.get))
  expect(await activate({ headers: {}, rawHeaders })).toBe(true)
  expect(await activate({ headers: {}, rawHeaders, aborted: true })).toBe(false)
  expect(await activate({ headers: {}, raw: { rawHeaders, aborted: true } })).toBe(false)
})

it('for a call that is not an HTTP request, the guard logs the handler and the fix once', async () => {
  class Gateway {
    @RequireMaskinportenScope(READ)
    subscribe() {}
  }
  const module = await Test.createTestingModule({
    imports: [MaskinportenModule.forRoot({ validator })],
  }).compile()
  const error = vi.fn()
  Logger.overrideLogger({ log: vi.fn(), warn: vi.fn(), error })
  const context = new ExecutionContextHost([{}, {}], Gateway, Gateway.prototype.subscribe)
  context.setType('ws')
  await module.get(MaskinportenGuard).canActivate(context)
  await module.get(MaskinportenGuard).canActivate(context)
  expect(error.mock.calls).toEqual([
    [
      'Gateway.subscribe was called without an HTTP request (ws) and is refused: the guard is for HTTP. Check the ' +
        'callers of another transport, or of GraphQL over a WebSocket, in another way, and put @SkipMaskinporten() ' +
        'on the handler',
      undefined,
      'MaskinportenGuard',
    ],
  ])
})

it('getMaskinportenToken returns the token that the guard put on the request', () => {
  const maskinporten = {} as VerifiedToken
  expect(getMaskinportenToken({ maskinporten })).toBe(maskinporten)
})

it('getMaskinportenToken for NestJS throws if no guard ran', () => {
  expect(() => getMaskinportenToken({})).toThrow(
    /No Maskinporten guard ran.*@RequireMaskinportenScope.*so does middleware\. Read the token in a method that the handler calls$/,
  )
})
