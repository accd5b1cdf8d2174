import {
  Controller,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  Scope,
  SetMetadata,
  type Type,
} from '@nestjs/common'
import { ExternalContextCreator, REQUEST } from '@nestjs/core'
import { fakeValidator, fakeVerifiedToken } from '@portvakt/mock'
import {
  getMaskinportenToken,
  MASKINPORTEN_VALIDATOR,
  MaskinportenModule,
  type MaskinportenValidator,
  RequireMaskinportenScope,
  SkipMaskinporten,
} from '@portvakt/nestjs'
import { expect, it } from 'vitest'
import {
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
  start,
  urlValidator,
  validator,
} from './vedtak-api.js'

/** Reads the token in a method and, if the path is `/early`, in its constructor. */
class Caller {
  readonly #request: object

  constructor(request: { readonly url: string }) {
    this.#request = request
    if (request.url === '/early') this.organisationNumber()
  }

  organisationNumber() {
    return getMaskinportenToken(this.#request).consumer.organisationNumber
  }
}
Injectable({ scope: Scope.REQUEST })(Caller)
Inject(REQUEST)(Caller, undefined, 0)

class CallerController {
  readonly caller: Caller

  constructor(caller: Caller) {
    this.caller = caller
  }

  @Get(['early', 'late'])
  @RequireMaskinportenScope(READ)
  get() {
    return this.caller.organisationNumber()
  }
}
Controller()(CallerController)
Inject(Caller)(CallerController, undefined, 0)

it.each(PLATFORMS)(
  'a request-scoped provider on %s can read the token in its methods, but not in its constructor',
  async (_name, adapter) => {
    const errors: string[] = []
    const app = await start([CallerController], {
      adapter,
      providers: [Caller],
      logger: recordErrors(errors),
    })
    const authorization = await bearer({ consumer: '889640782' })
    expect(await call(app, '/late', authorization)).toMatchObject({ status: 200, body: '889640782' })
    expect((await call(app, '/early', authorization)).status).toBe(500)
    expect(errors.join()).toContain('the constructors of request-scoped providers do')
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

/** A controller whose guarded handler has no guard, because each instance binds it. */
const BoundController = boundController(Scope.REQUEST)

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

class Answers {
  answer() {
    return 'answer'
  }
}

/** Calls a function as GraphQL calls the methods of resolvers, next to a request-scoped guarded controller. */
async function callOverGraphql(callback: () => string): Promise<unknown> {
  const app = await start([BoundController], { providers: [Answers] })
  return callMember(app, app.get(Answers), callback)
}

function callMember(app: INestApplication, instance: object, callback: () => string): Promise<unknown> {
  const none = [undefined, undefined, undefined, undefined, undefined] as const
  return app.get(ExternalContextCreator).create(instance, callback, 'answer', ...none, 'graphql')()
}

it('a request-scoped guarded controller leaves unguarded resolvers open', async () => {
  expect(await callOverGraphql(Answers.prototype.answer)).toBe('answer')
})

it('next to a request-scoped guarded controller, an unguarded resolver can replace its method', async () => {
  expect(await callOverGraphql(() => 'replaced')).toBe('replaced')
})

class HandlerResolver extends Answers {
  @SetMetadata('handler', true)
  handle() {
    return 'handled'
  }
}
class GuardedResolver extends HandlerResolver {
  @SetMetadata('handler', true)
  @RequireMaskinportenScope(READ)
  guarded() {}
}
const ClassGuarded = decorated(class extends HandlerResolver {}, RequireMaskinportenScope(READ))
const Open = decorated(class extends ClassGuarded {}, SkipMaskinporten())
const perRequest = Injectable({ scope: Scope.REQUEST })
for (const type of [GuardedResolver, ClassGuarded]) perRequest(type)

const plain = { provide: 'PLAIN', useValue: {} }
const { answer, handle } = HandlerResolver.prototype
it.each<[string, object, () => string, string | undefined]>([
  ['a function that replaces a guarded method', new GuardedResolver(), () => 'replaced', undefined],
  ['a method that is not a handler, in place of a guarded one', new GuardedResolver(), answer, undefined],
  ['another object’s handler that its class guards', { handle }, handle, undefined],
  ['an unguarded handler of a class with a guarded method', new GuardedResolver(), handle, 'handled'],
  ['the handler of an open subclass', new Open(), handle, 'handled'],
])(
  'next to request-scoped guarded resolvers, %s answers only if it is open',
  async (_title, instance, callback, expected) => {
    const app = await start([], { providers: [GuardedResolver, ClassGuarded, Open, plain] })
    const outcome = callMember(app, instance, callback)
    if (expected === undefined) await expect(outcome).rejects.toThrow(/^Forbidden resource$/)
    else expect(await outcome).toBe(expected)
  },
)

/** A new request-scoped controller whose constructor returns another object with the same handler. */
function hidingController(): Type {
  @Controller({ path: 'hiding', scope: Scope.REQUEST })
  class HidingController {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: the tests need such a constructor
      return { get: this.get }
    }

    @Get()
    get() {
      return 'read'
    }
  }
  return HidingController
}

it('an unguarded handler stays open if the constructor of its request-scoped controller returns another object with it', async () => {
  await expectAnswers(start([hidingController(), BoundController]), { '/hiding': open('read') })
})

it('a handler guarded by its class answers 403 if the constructor of its request-scoped controller returns another object with it', async () => {
  const type = decorated(hidingController(), RequireMaskinportenScope(READ))
  await expectAnswers(start([type]), { '/hiding': CLOSED })
})

it.each([false, true])(
  'a handler that a guarded request-scoped class inherits answers 403 if its constructor returns another object (open base class also routed: %s)',
  async (isBaseRouted) => {
    const Base = hidingController()
    @Controller({ path: 'inherited', scope: Scope.REQUEST })
    @RequireMaskinportenScope(READ)
    class InheritingController extends Base {}
    const controllers = isBaseRouted ? [InheritingController, Base] : [InheritingController]
    await expectAnswers(start(controllers), { '/inherited': CLOSED })
  },
)
