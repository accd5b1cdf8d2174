import { Get, Inject, Injectable, Scope, type Type } from '@nestjs/common'
import { describe, it, test } from 'vitest'
import {
  binding,
  boundController,
  CLOSED,
  classWith,
  decorated,
  expectAnswers,
  expectNoStart,
  guarded,
  open,
  PlainController,
  ReadController,
  requireRead,
  requireWrite,
  skip,
  start,
  subController,
  withMetadataOf,
} from './vedtak-api.js'

class Overridden {
  @Get()
  find(): unknown {
    return 'overridden'
  }
}

class Base extends Overridden {
  @Get()
  @requireRead
  override find(): unknown {
    return 'read'
  }

  @Get('open')
  open(): unknown {
    return 'open'
  }

  undecorated(): unknown {
    return 'undecorated'
  }
}

/** A class whose constructor adds these members to the instance. */
const having = (members: (instance: Base) => object): Type<Base> =>
  class extends Base {
    constructor() {
      super()
      Object.defineProperties(this, Object.getOwnPropertyDescriptors(members(this)))
    }
  }

/** A class whose constructor returns another object in place of the instance. */
function returning(Original: Type, replacement: (instance: object) => object): Type {
  return class extends (new Proxy(Original, {
    construct: (...args) => replacement(Reflect.construct(...args)),
  })) {}
}

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? value.bind(target) : value
}

/** Wraps the guarded method in a function that has the metadata of the method. */
function wrapped(): object {
  const find = () => 'read'
  withMetadataOf(Base.prototype.find, find)
  return { find }
}

const other = () => 'other'
/** The ways in which an instance replaces the method `find` of its class. */
const MEMBERS: readonly (readonly [string, () => Type])[] = [
  ['binds the method in its constructor', () => binding(Base, 'find')],
  ['replaces the method with an undecorated one', () => having((one) => ({ find: one.undecorated }))],
  ['restores the method that it overrides', () => having(() => ({ find: Overridden.prototype.find }))],
  [
    'binds the method, and its class has another requirement',
    () => decorated(binding(Base, 'find'), requireWrite),
  ],
  [
    'defines an accessor of the method’s name, which is not enumerable',
    () => having(() => Object.defineProperty({}, 'find', { get: () => other })),
  ],
  [
    'is a proxy that binds every method and the constructor',
    () => returning(class extends Base {}, (instance) => new Proxy(instance, { get: bound })),
  ],
  [
    'is a function that has another method',
    () =>
      returning(class extends Base {}, (instance) => {
        const members = Object.assign(() => undefined, { find: other })
        return Object.setPrototypeOf(members, Object.getPrototypeOf(instance))
      }),
  ],
]

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

const perRequest = (type: Type) => subController(type, { scope: Scope.REQUEST })
/** The ways to give each request its own controller. */
const SCOPES: readonly (readonly [string, (type: Type) => Type])[] = [
  ['request-scoped', perRequest],
  ['durable', (type) => subController(type, { scope: Scope.REQUEST, durable: true })],
  [
    'request-scoped by a dependency',
    (type) => subController(decorated(type, ({ prototype }) => Inject(PerRequest)(prototype, 'dependency'))),
  ],
]

const listen = (...controllers: Type[]) => start(controllers, { providers: [PerRequest] })

test.each(MEMBERS)('the start fails if a controller with a guarded method %s', async (_title, make) => {
  const message =
    'SubController.find requires a token, but the instance replaces the method (bound in the constructor, ' +
    'an arrow function in a field, a proxy), and NestJS would call the replacement without asking the guard. ' +
    'Leave the method as its class defines it'
  await expectNoStart(listen(subController(make())), new Error(message))
})

describe.each(SCOPES)('a controller that is %s', (scope, scoped) => {
  test.each(MEMBERS)(`a route answers 403 if a controller that is ${scope} %s`, async (_title, make) => {
    await expectAnswers(listen(scoped(make())), { '/sub': CLOSED })
  })

  it(`only the guarded method of a controller that is ${scope} requires a token`, async () => {
    const answers = { '/sub': guarded(), '/sub/open': open('open') }
    await expectAnswers(listen(scoped(class extends Base {})), answers)
  })
})

test.each<[string, () => Type, readonly Scope[]]>([
  ['binds an unguarded method', () => binding(Base, 'open'), [Scope.DEFAULT, Scope.TRANSIENT]],
  [
    'binds a method that its class guards',
    () => decorated(binding(classWith()), requireRead),
    [Scope.DEFAULT, Scope.REQUEST],
  ],
  ['wraps the method and copies its metadata', () => having(wrapped), [Scope.DEFAULT, Scope.REQUEST]],
  ['removes a method without a route', () => having(() => ({ undecorated: undefined })), [Scope.DEFAULT]],
  [
    'binds the method after the start of the application',
    () => having((one) => ({ onModuleInit: () => Object.assign(one, { find: other }) })),
    [Scope.DEFAULT],
  ],
])('a guarded method keeps its guard if its controller %s', async (_title, make, scopes) => {
  for (const scope of scopes) {
    await expectAnswers(listen(subController(make(), { scope })), { '/sub': guarded() })
  }
})

it('a handler that a request-scoped controller binds answers 403 next to a guarded singleton', async () => {
  await expectAnswers(listen(ReadController, perRequest(binding(Base, 'find'))), { '/sub': CLOSED })
})

it('a request-scoped controller without guards can bind its methods', async () => {
  const controllers = [perRequest(binding(PlainController)), boundController(Scope.REQUEST)]
  await expectAnswers(listen(...controllers), { '/sub': open('plain') })
})

describe('a request-scoped controller whose constructor returns another object', () => {
  const returningOther = (type: Type) =>
    perRequest(returning(type, (instance) => ({ find: () => bound(instance, 'find'), get: other })))

  test.each<[string, () => Type]>([
    ['a guarded method', () => returningOther(class extends Base {})],
    ['a requirement on its class', () => decorated(returningOther(classWith()), requireRead)],
  ])('a route answers 403 if such a controller has %s', async (_title, make) => {
    await expectAnswers(listen(make()), { '/sub': CLOSED })
  })

  test.each<[string, () => Type]>([
    ['without decorators', () => returningOther(classWith())],
    ['with @SkipMaskinporten on its method', () => returningOther(classWith(skip))],
    ['with @SkipMaskinporten on its class', () => decorated(returningOther(classWith()), skip)],
  ])('a route of such a controller %s is open if only singletons are guarded', async (_title, make) => {
    await expectAnswers(listen(ReadController, make()), { '/sub': open('other') })
  })
})

test.each<[string, () => object, RegExp]>([
  ['a class with a guarded method', () => new ReadController(), /^SubController\.get requires a token/],
  [
    'a guarded class with inherited methods',
    () => new (decorated(class extends PlainController {}, requireRead))(),
    /^NestJS would call SubController\.get without asking/,
  ],
])(
  'the start fails if a constructor returns an instance of %s that is not registered',
  async (_title, make, message) => {
    await expectNoStart(listen(subController(returning(class {}, make))), message)
  },
)
