import { Controller, Get, Inject, Injectable, Scope, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import {
  CLOSED,
  classWith,
  decorated,
  expectAnswers,
  expectNoStart,
  guarded,
  open,
  PLATFORMS,
  PlainController,
  READ,
  ReadController,
  start,
  subController,
} from './vedtak-api.js'

let handled: number
beforeEach(() => {
  handled = 0
})

class Base {
  @Get()
  @RequireMaskinportenScope(READ)
  find(): unknown {
    return ++handled
  }

  @Get('open')
  open(): unknown {
    return 'open'
  }

  undecorated(): unknown {
    return ++handled
  }
}

/** A class whose constructor returns another object in place of the instance. */
function returning(Original: Type, replacement: (instance: object) => object): Type {
  return class extends (new Proxy(Original, {
    construct: (...args) => replacement(Reflect.construct(...args)),
  })) {}
}

/** A class whose constructor adds these members to the instance. */
const having = (members: (instance: Base) => object): Type<Base> =>
  class extends Base {
    constructor() {
      super()
      Object.defineProperties(this, Object.getOwnPropertyDescriptors(members(this)))
    }
  }

const bindingFind = () => having((one) => ({ find: one.find.bind(one) }))

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? value.bind(target) : value
}

/** A class whose instances replace a method with the inherited one that it overrides. */
function restoring(): Type {
  class Parent {
    @Get()
    find(): unknown {
      return ++handled
    }
  }
  class Sub extends Parent {
    constructor() {
      super()
      this.find = super.find
    }
    @Get()
    @RequireMaskinportenScope(READ)
    override find(): unknown {
      return super.find()
    }
  }
  return Sub
}

/** The ways in which an instance replaces the method `find` of its class. */
const MEMBERS: readonly (readonly [string, () => Type])[] = [
  ['binds the method in its constructor', bindingFind],
  ['replaces the method with an undecorated one', () => having((one) => ({ find: one.undecorated }))],
  ['replaces the method with the inherited one that it overrides', restoring],
  [
    'defines an accessor of the method’s name, which is not enumerable',
    () => having(() => Object.defineProperty({}, 'find', { get: () => () => ++handled })),
  ],
  [
    'is a proxy that binds every method and the constructor',
    () => returning(class extends Base {}, (instance) => new Proxy(instance, { get: bound })),
  ],
  [
    'is a function that has another method',
    () =>
      returning(class extends Base {}, (instance) => {
        const members = Object.assign(() => undefined, { find: () => ++handled })
        return Object.setPrototypeOf(members, Object.getPrototypeOf(instance))
      }),
  ],
]

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

/** The ways to give each request its own controller. */
const SCOPES: readonly (readonly [string, (type: Type) => Type])[] = [
  ['request-scoped', (type) => subController(type, { scope: Scope.REQUEST })],
  ['durable', (type) => subController(type, { scope: Scope.REQUEST, durable: true })],
  [
    'request-scoped by a dependency',
    (type) => subController(decorated(type, ({ prototype }) => Inject(PerRequest)(prototype, 'dependency'))),
  ],
]

describe.each(PLATFORMS)('members of instances on %s', (platform, adapter) => {
  const listen = (...controllers: Type[]) => start(controllers, { adapter, providers: [PerRequest] })

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
      expect(handled).toBe(0)
    })

    it(`on ${platform}, only the guarded method of a controller that is ${scope} requires a token`, async () => {
      const answers = { '/sub': guarded('1'), '/sub/open': open('open') }
      await expectAnswers(listen(scoped(class extends Base {})), answers)
    })
  })

  test.each([Scope.DEFAULT, Scope.TRANSIENT])(
    `on ${platform}, a controller’s constructor can bind an unguarded method (Scope enum value %s)`,
    async (scope) => {
      const type = subController(
        having((one) => ({ open: one.open.bind(one) })),
        { scope },
      )
      await expectAnswers(listen(type), { '/sub/open': open('open'), '/sub': guarded('1') })
    },
  )

  it(`on ${platform}, a controller’s constructor can replace a method without a route by undefined`, async () => {
    const type = having(() => ({ undecorated: undefined }))
    await expectAnswers(listen(subController(type)), { '/sub': guarded('1') })
  })

  it(`on ${platform}, a guarded handler that a request-scoped controller binds answers 403 next to a guarded singleton controller`, async () => {
    const type = subController(bindingFind(), { scope: Scope.REQUEST })
    await expectAnswers(listen(ReadController, type), { '/sub': CLOSED })
  })

  it(`on ${platform}, a request-scoped controller without guards can bind its methods`, async () => {
    @Controller({ path: 'free', scope: Scope.REQUEST })
    class FreeController extends PlainController {
      constructor() {
        super()
        this.get = this.get.bind(this)
      }
    }
    const other = subController(class extends Base {}, { scope: Scope.REQUEST })
    await expectAnswers(listen(FreeController, other), { '/free': open('plain') })
  })

  test.each([Scope.DEFAULT, Scope.REQUEST])(
    `on ${platform}, a controller with a requirement on its class can bind its methods (Scope enum value %s)`,
    async (scope) => {
      @RequireMaskinportenScope(READ)
      class Guarded {
        constructor() {
          this.get = this.get.bind(this)
        }
        @Get()
        get() {
          return 'read'
        }
      }
      await expectAnswers(listen(subController(Guarded, { scope })), { '/sub': guarded() })
    },
  )

  test.each([Scope.DEFAULT, Scope.REQUEST])(
    `on ${platform}, a replaced method keeps its guard if the replacement has the method’s metadata (Scope enum value %s)`,
    async (scope) => {
      const wrapped = () => 'read'
      for (const key of Reflect.getMetadataKeys(Base.prototype.find)) {
        Reflect.defineMetadata(key, Reflect.getMetadata(key, Base.prototype.find), wrapped)
      }
      const type = subController(
        having(() => ({ find: wrapped })),
        { scope },
      )
      await expectAnswers(listen(type), { '/sub': guarded() })
    },
  )

  it(`on ${platform}, a guarded method that is bound after the start of the application keeps its guard`, async () => {
    class Late extends Base {
      onModuleInit() {
        this.find = this.find.bind(this)
      }
    }
    await expectAnswers(listen(subController(Late)), { '/sub': guarded('1') })
  })

  describe('a constructor that returns another object', () => {
    const requestScoped = (type: Type, decorate: (type: Type) => void = () => undefined) => {
      const other = returning(type, (instance) => ({
        find: () => bound(instance, 'find'),
        get: () => 'other',
      }))
      return subController(decorated(other, decorate), { scope: Scope.REQUEST })
    }

    test.each<[string, () => Type]>([
      ['a guarded method', () => requestScoped(class extends Base {})],
      ['a requirement on its class', () => requestScoped(classWith(), RequireMaskinportenScope(READ))],
    ])(
      `on ${platform}, a route answers 403 if the constructor of its request-scoped controller with %s returns another object`,
      async (_title, make) => {
        await expectAnswers(listen(make()), { '/sub': CLOSED })
      },
    )

    test.each<[string, () => Type]>([
      ['without decorators', () => requestScoped(classWith())],
      ['with @SkipMaskinporten on its method', () => requestScoped(classWith(SkipMaskinporten()))],
      ['with @SkipMaskinporten on its class', () => requestScoped(classWith(), SkipMaskinporten())],
    ])(
      `on ${platform}, if only singleton controllers are guarded, the constructor of a request-scoped controller %s can return another object`,
      async (_title, make) => {
        await expectAnswers(listen(ReadController, make()), { '/sub': open('other') })
      },
    )

    it(`on ${platform}, the application does not start if a constructor returns an instance of an unregistered class with a guarded method`, async () => {
      const type = returning(class {}, () => new ReadController())
      await expectNoStart(listen(subController(type)), /^SubController\.get requires a token/)
    })

    it(`on ${platform}, the application does not start if a constructor returns an instance of an unregistered guarded class with inherited methods`, async () => {
      const Guarded = decorated(class extends PlainController {}, RequireMaskinportenScope(READ))
      const type = returning(class {}, () => new Guarded())
      await expectNoStart(listen(subController(type)), /^NestJS would call SubController\.get without asking/)
    })
  })
})
