import { Logger } from '@nestjs/common'
import {
  getMaskinportenToken,
  MaskinportenGuard,
  MaskinportenToken,
  RequireMaskinportenScope,
  SkipMaskinporten,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import {
  bearer,
  contextOf,
  decorated,
  guardWith,
  READ,
  requireRead,
  requireWrite,
  skip,
} from './vedtak-api.js'

afterEach(() => Logger.overrideLogger(new Logger()))

it('@RequireMaskinportenScope throws for an invalid requirement when the class is defined', () => {
  expect(() => RequireMaskinportenScope('sykepenger/afp.read')).toThrow(/nais\.yaml/)
  expect(() => RequireMaskinportenScope({ scope: READ, consumers: [] })).toThrow(/empty/)
})

it('a second Maskinporten decorator on the same method or class throws', () => {
  class Twice {
    @requireRead
    get() {}
  }
  const get = Object.getOwnPropertyDescriptor(Twice.prototype, 'get')
  expect(() => skip(Twice.prototype, 'get', get)).toThrow(
    'Twice.get already has a requirement or is open: @SkipMaskinporten cannot be added',
  )
  skip(Twice)
  expect(() => requireRead(Twice)).toThrow(
    'Twice already has a requirement or is open: @RequireMaskinportenScope cannot be added',
  )
})

it('a Maskinporten decorator throws on a property, and when it is compiled as a standard decorator', () => {
  expect(() => requireRead({}, 'get')).toThrow(/^@RequireMaskinportenScope belongs on a class or a method/)
  expect(() => requireRead(class {}, 'get')).toThrow(/belongs on a class or a method/)
  expect(() => skip({})).toThrow(/^@SkipMaskinporten belongs on a class or a method/)
  expect(() => requireRead(() => undefined, { kind: 'method' } as never)).toThrow(/experimentalDecorators/)
})

it.each<[string, unknown]>([
  ['@RequireMaskinportenScope(…)', RequireMaskinportenScope],
  ['@SkipMaskinporten()', SkipMaskinporten],
  ['@MaskinportenToken()', MaskinportenToken],
])('%s without its parentheses throws when the class is defined', (call, decorator) => {
  class Plain {
    static all() {}
    find() {}
  }
  const method = Object.getOwnPropertyDescriptor(Plain.prototype, 'find')
  const { prototype } = Plain
  for (const target of [[Plain], [prototype], [prototype, 'find', method], [Plain, 'all', method]]) {
    expect(() => Reflect.apply(decorator as never, undefined, target)).toThrow(`call it: ${call}`)
  }
})

describe('a class inside a wrapper, from which some versions of NestJS read guards', () => {
  const guardsOf = (target: object) => Reflect.getMetadata('__guards__', target)
  const wrapperOf = (prototype?: object, members = {}) =>
    Object.assign(() => undefined, { prototype, ...members })
  const ours = [MaskinportenGuard]

  it('@RequireMaskinportenScope on the wrapper of a class guards both the wrapper and the class', () => {
    class Inner {}
    const wrapper = wrapperOf(Inner.prototype)
    requireRead(wrapper)
    expect([guardsOf(wrapper), guardsOf(Inner)]).toEqual([ours, ours])
  })

  it('a Maskinporten decorator throws on the wrapper of a class that already has one', () => {
    const opened = decorated(class {}, skip)
    expect(() => requireRead(wrapperOf(opened.prototype))).toThrow('already has a requirement')
  })

  it('@RequireMaskinportenScope guards its class once, and guards no base class or other class', () => {
    class Base {}
    const extended = decorated(class extends Base {}, requireRead)
    class Other {}
    for (const prototype of [{ constructor: Other }, { constructor: 'not a function' }, undefined]) {
      requireRead(wrapperOf(prototype))
    }
    expect([guardsOf(extended), guardsOf(Base), guardsOf(Other)]).toEqual([ours, undefined, undefined])
  })

  it('@RequireMaskinportenScope on a static method guards only that method, not its class', () => {
    class Owner {}
    const wrapper = wrapperOf(Owner.prototype, { create() {} })
    requireRead(wrapper, 'create', Object.getOwnPropertyDescriptor(wrapper, 'create'))
    expect([guardsOf(Owner), guardsOf(Reflect.get(wrapper, 'create'))]).toEqual([undefined, ours])
  })
})

class Gateway {
  @requireRead
  required() {}

  @requireWrite
  writing() {}

  @skip
  skipped() {}

  bare() {}

  @RequireMaskinportenScope({
    scope: READ,
    authorize() {
      throw new Error('of the application')
    },
  })
  failing() {}
}

const publicRoutes = () => true
const allowed = async () => ({ headers: {}, rawHeaders: ['Authorization', ...(await bearer())] })

test.each([
  ['ws', 'bare', false],
  ['ws', 'skipped', true],
  ['rpc', 'required', false],
  ['graphql', 'required', false],
] as const)(
  'for a %s call without an HTTP request to the `%s` handler, the guard returns %s',
  async (type, method, passes) => {
    const guard = await guardWith({ publicRoutes })
    expect(await guard.canActivate(contextOf(Gateway, method, [{}, {}], type))).toBe(passes)
  },
)

/** Asks the guard about a GraphQL operation with an HTTP request. */
async function operate(
  method: 'required' | 'failing' | 'bare',
  { args = {}, info = {}, request = {} }: { args?: object; info?: object; request?: object },
) {
  const req = { ...(await allowed()), method: 'POST', on: () => undefined, ...request }
  const context = contextOf(Gateway, method, [{}, args, { req }, info], 'graphql')
  return (await guardWith({ publicRoutes })).canActivate(context)
}

it.each([
  [true, 'a query over HTTP', 'query', {}],
  [false, 'a query over a WebSocket with the upgrade request in `req`', 'query', { upgrade: true }],
  [false, 'a subscription over HTTP', 'subscription', {}],
])('the guard returns %s for %s', async (passes, _title, operation, request) => {
  expect(await operate('required', { info: { operation: { operation } }, request })).toBe(passes)
})

it('the option `publicRoutes` does not open a GraphQL resolver', async () => {
  await expect(operate('bare', {})).rejects.toThrow('Refused by the Maskinporten guard: no_guard')
})

it('an error of `authorize` reaches NestJS even if the resolver’s arguments resemble an ended response', async () => {
  await expect(operate('failing', { args: { writableEnded: true } })).rejects.toThrow('of the application')
})

it('the guard passes an allowed request whose response has started, but not one whose caller has disconnected', async () => {
  const guard = await guardWith()
  const activate = (request: object, response = {}) =>
    guard.canActivate(contextOf(Gateway, 'required', [request, response]))
  const { headers, rawHeaders } = await allowed()
  expect(await activate({ headers, rawHeaders }, { headersSent: true })).toBe(true)
  expect(await activate({ headers, rawHeaders, aborted: true })).toBe(false)
  expect(await activate({ headers, raw: { rawHeaders, aborted: true } })).toBe(false)
})

it('a request that met one requirement is still checked against the next one', async () => {
  const [guard, request] = [await guardWith(), await allowed()]
  const activate = (method: 'required' | 'writing') =>
    guard.canActivate(contextOf(Gateway, method, [request, {}]))
  expect(await activate('required')).toBe(true)
  await expect(activate('writing')).rejects.toThrow('insufficient_scope')
})

it('a guard that runs twice refuses a request both times', async () => {
  const guard = await guardWith()
  const context = contextOf(Gateway, 'required')
  for (let times = 0; times < 2; times++) {
    await expect(guard.canActivate(context)).rejects.toThrow('no_credentials')
  }
})

it('the NestJS guard refuses calls over a WebSocket, and logs the handler and the fix once', async () => {
  const guard = await guardWith()
  const error = vi.fn()
  Logger.overrideLogger({ log: vi.fn(), warn: vi.fn(), error })
  const message = { headers: { authorization: (await bearer())[0] }, req: { headers: {} } }
  const context = contextOf(Gateway, 'required', [message, message], 'ws')
  expect([await guard.canActivate(context), await guard.canActivate(context)]).toEqual([false, false])
  const line =
    'Gateway.required was called without an HTTP request (ws) and is refused: the guard is for HTTP. Check the ' +
    'callers of another transport, or of GraphQL over a WebSocket, in another way, and put @SkipMaskinporten() on ' +
    'the handler'
  expect(error.mock.calls).toEqual([[line, undefined, 'MaskinportenGuard']])
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
