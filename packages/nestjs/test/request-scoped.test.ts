import { Controller, Get, Inject, Injectable, Scope, SetMetadata, type Type } from '@nestjs/common'
import { ExternalContextCreator, REQUEST } from '@nestjs/core'
import { fakeValidator, fakeVerifiedToken } from '@portvakt/mock'
import {
  getMaskinportenToken,
  MASKINPORTEN_VALIDATOR,
  MaskinportenModule,
  type MaskinportenValidator,
} from '@portvakt/nestjs'
import { expect, it } from 'vitest'
import {
  type Answers,
  bearer,
  boundController,
  CLOSED,
  call,
  decorated,
  expectAnswers,
  guarded,
  open,
  PLATFORMS,
  READ,
  ReadController,
  recordErrors,
  requireRead,
  skip,
  start,
  subController,
  urlValidator,
  validator,
} from './vedtak-api.js'

/** Reads the token in its handler and, if the path is `/early`, in its constructor. */
@Controller({ scope: Scope.REQUEST })
class CallerController {
  readonly #request: object

  constructor(@Inject(REQUEST) request: { readonly url: string }) {
    this.#request = request
    if (request.url === '/early') this.get()
  }

  @Get(['early', 'late'])
  @requireRead
  get() {
    return getMaskinportenToken(this.#request).consumer.organisationNumber
  }
}

it.each(PLATFORMS)(
  'a request-scoped controller on %s can read the token in its methods, but not in its constructor',
  async (_name, adapter) => {
    const errors: string[] = []
    const app = await start([CallerController], { adapter, logger: recordErrors(errors) })
    const authorization = await bearer({ consumer: '889640782' })
    expect(await call(app, '/late', authorization)).toMatchObject({ status: 200, body: '889640782' })
    expect((await call(app, '/early', authorization)).status).toBe(500)
    expect(errors.join()).toContain('the constructors of request-scoped providers do')
  },
)

/** A controller whose guarded handler has no guard, because each instance binds it. */
const BoundController = boundController(Scope.REQUEST)

it.each(PLATFORMS)(
  'on %s, a handler that a request-scoped controller binds answers 403',
  async (_name, adapter) => {
    await expectAnswers(start([BoundController], { adapter }), { '/bound': CLOSED })
  },
)

it('if each request has its own validator, a guarded handler that its controller binds answers NestJS’s own 403', async () => {
  const imports = [MaskinportenModule.forRootAsync({ inject: [REQUEST], useFactory: () => ({ validator }) })]
  for (const others of [[], [ReadController]]) {
    const app = await start([boundController(), ...others], { imports })
    const { status, body } = await call(app, '/bound', await bearer())
    expect([status, JSON.parse(body).message]).toEqual([403, 'Forbidden resource'])
    if (others.length > 0) await expectAnswers(app, { '/read': guarded() })
  }
})

const forRoot = (given: MaskinportenValidator) => MaskinportenModule.forRoot({ validator: given })
const providing = (given: MaskinportenValidator) => ({
  module: class ProvidingModule {},
  providers: [{ provide: MASKINPORTEN_VALIDATOR, useValue: given }],
  exports: [MASKINPORTEN_VALIDATOR],
})

it.each([
  ['MaskinportenModule (another module has a validator too)', [forRoot(urlValidator), providing(validator)]],
  ['an imported module (without MaskinportenModule)', [providing(urlValidator)]],
])(
  'the validator of %s refuses calls to a handler that a request-scoped controller binds; its denialBody gets the request',
  async (_title, imports) => {
    const { status, body } = await call(await start([BoundController], { imports }), '/bound', await bearer())
    expect([status, JSON.parse(body)]).toEqual([403, { reason: 'no_guard', url: '/bound' }])
  },
)

it('a handler that a request-scoped controller binds answers 403 even if the validator allows every request', async () => {
  const { decide, ...others } = fakeValidator(fakeVerifiedToken({ scope: READ }))
  const allowing = { ...others, decide, refuseUnguarded: () => decide(null, { scope: READ }) }
  const app = await start([BoundController], { imports: [forRoot(allowing)] })
  expect((await call(app, '/bound')).status).toBe(403)
})

class Resolver {
  answer() {
    return 'answer'
  }
}
class HandlerResolver extends Resolver {
  @SetMetadata('handler', true)
  handle() {
    return 'handled'
  }
}
class GuardedResolver extends HandlerResolver {
  @SetMetadata('handler', true)
  @requireRead
  guarded() {}
}
const ClassGuarded = decorated(class extends HandlerResolver {}, requireRead)
const OpenResolver = decorated(class extends ClassGuarded {}, skip)
for (const type of [GuardedResolver, ClassGuarded]) Injectable({ scope: Scope.REQUEST })(type)

const plain = { provide: 'PLAIN', useValue: {} }
const providers = [Resolver, GuardedResolver, ClassGuarded, OpenResolver, plain]
const { answer, handle } = HandlerResolver.prototype
const replacement = () => 'replaced'
it.each<[string, object, () => string, string | undefined]>([
  ['a function that replaces a guarded method', new GuardedResolver(), replacement, undefined],
  ['a method that is not a handler, in place of a guarded one', new GuardedResolver(), answer, undefined],
  ['another object’s handler that its class guards', { handle }, handle, undefined],
  ['an unguarded handler of a class with a guarded method', new GuardedResolver(), handle, 'handled'],
  ['the handler of an open subclass', new OpenResolver(), handle, 'handled'],
  ['a method of an unguarded resolver', new Resolver(), answer, 'answer'],
  ['a function that replaces a method of an unguarded resolver', new Resolver(), replacement, 'replaced'],
])(
  'next to request-scoped guarded resolvers, %s answers only if it is open',
  async (_title, instance, callback, expected) => {
    const app = await start([], { providers })
    const none = [undefined, undefined, undefined, undefined, undefined] as const
    // NestJS calls the methods of GraphQL's resolvers like this.
    const call = app.get(ExternalContextCreator).create(instance, callback, 'answer', ...none, 'graphql')
    if (expected === undefined) await expect(call()).rejects.toThrow(/^Forbidden resource$/)
    else expect(await call()).toBe(expected)
  },
)

/** A new class whose constructor returns another object with the same handler. */
function hiding(): Type {
  class Hiding {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: the tests need such a constructor
      return { get: this.get }
    }

    @Get()
    get() {
      return 'read'
    }
  }
  return Hiding
}
const perRequest = (type: Type) => subController(type, { scope: Scope.REQUEST })
const guardedSubclassOf = (Base: Type) => decorated(perRequest(class extends Base {}), requireRead)
const RoutedBase = decorated(hiding(), Controller({ path: 'base', scope: Scope.REQUEST }))

it.each<[string, Type[], Answers]>([
  ['an unguarded handler stays open', [perRequest(hiding()), BoundController], open('read')],
  ['a handler that its class guards answers 403', [decorated(perRequest(hiding()), requireRead)], CLOSED],
  ['a handler that a guarded class inherits answers 403', [guardedSubclassOf(hiding())], CLOSED],
  [
    'a handler that a guarded class inherits from an open controller answers 403',
    [guardedSubclassOf(RoutedBase), RoutedBase],
    CLOSED,
  ],
])(
  '%s if the constructor of its request-scoped controller returns another object with it',
  async (_title, controllers, answers) => {
    await expectAnswers(start(controllers), { '/sub': answers })
  },
)
