import { Controller, Get, Inject, Injectable, Scope, type Type } from '@nestjs/common'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import {
  bearer,
  call,
  classWith,
  expectGuarded,
  expectNoStart,
  expectOpen,
  PLATFORMS,
  PlainController,
  READ,
  ReadController,
  reasonOf,
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
      Object.assign(this, members(this))
    }
  }

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? value.bind(target) : value
}

/** The ways in which an instance replaces the method `find` of its class. */
const MEMBERS: readonly (readonly [string, () => Type])[] = [
  ['binds the method in its constructor', () => having((one) => ({ find: one.find.bind(one) }))],
  [
    'replaces the method with an undecorated one',
    () =>
      class extends Base {
        constructor() {
          super()
          this.find = this.unguarded
        }
        unguarded() {
          return ++handled
        }
      },
  ],
  [
    'replaces the method with the inherited one that it overrides',
    () => {
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
    },
  ],
  [
    'defines an accessor of the method’s name',
    () =>
      class extends Base {
        constructor() {
          super()
          Object.defineProperty(this, 'find', { get: () => () => ++handled })
        }
      },
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
    (type) => {
      Inject(PerRequest)(type.prototype, 'dependency')
      return subController(type)
    },
  ],
]

describe.each(PLATFORMS)('members of instances on %s', (_platform, adapter) => {
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
      const api = await listen(scoped(make()))
      expect(await reasonOf(call(api, '/sub'))).toEqual([403, 'no_guard'])
      expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'no_guard'])
      expect(handled).toBe(0)
    })

    it(`only the guarded method of a controller that is ${scope} requires a token`, async () => {
      const api = await listen(scoped(class extends Base {}))
      await expectGuarded(api, '/sub', '1')
      await expectOpen(api, '/sub/open', 'open')
    })
  })

  test.each([Scope.DEFAULT, Scope.TRANSIENT])(
    'a controller’s constructor can bind an unguarded method (Scope enum value %s)',
    async (scope) => {
      const type = having((one) => ({ open: one.open.bind(one) }))
      const api = await listen(subController(type, { scope }))
      await expectOpen(api, '/sub/open', 'open')
      expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
    },
  )

  it('a controller’s constructor can replace a method without a route by undefined', async () => {
    class Replacing extends Base {
      constructor() {
        super()
        Reflect.set(this, 'format', undefined)
      }
      format() {
        return ''
      }
    }
    await expectGuarded(await listen(subController(Replacing)), '/sub', '1')
  })

  it('a guarded handler that a request-scoped controller binds answers 403 next to a guarded singleton controller', async () => {
    const type = having((one) => ({ find: one.find.bind(one) }))
    const api = await listen(ReadController, subController(type, { scope: Scope.REQUEST }))
    expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'no_guard'])
  })

  it('a request-scoped controller without guards can bind its methods', async () => {
    @Controller({ path: 'free', scope: Scope.REQUEST })
    class FreeController extends PlainController {
      constructor() {
        super()
        this.get = this.get.bind(this)
      }
    }
    const api = await listen(FreeController, subController(class extends Base {}, { scope: Scope.REQUEST }))
    await expectOpen(api, '/free', 'plain')
  })

  it('a controller with a requirement on its class can bind its methods', async () => {
    for (const scope of [Scope.DEFAULT, Scope.REQUEST]) {
      class Guarded {
        constructor() {
          this.get = this.get.bind(this)
        }
        @Get()
        get() {
          return 'read'
        }
      }
      RequireMaskinportenScope(READ)(Guarded)
      await expectGuarded(await listen(subController(Guarded, { scope })), '/sub')
    }
  })

  it('a replaced method keeps its guard if the replacement has the method’s metadata', async () => {
    const wrapped = () => 'read'
    for (const key of Reflect.getMetadataKeys(Base.prototype.find)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, Base.prototype.find), wrapped)
    }
    for (const scope of [Scope.DEFAULT, Scope.REQUEST]) {
      const type = having(() => ({ find: wrapped }))
      await expectGuarded(await listen(subController(type, { scope })), '/sub')
    }
  })

  it('a guarded method that is bound after the start of the application keeps its guard', async () => {
    class Late extends Base {
      onModuleInit() {
        this.find = this.find.bind(this)
      }
    }
    const api = await listen(subController(Late))
    expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
  })

  describe('a constructor that returns another object', () => {
    const requestScoped = (type: Type, ...decorators: ((type: Type) => void)[]) => {
      const other = returning(type, (instance) => ({
        find: () => bound(instance, 'find'),
        get: () => 'other',
      }))
      for (const decorator of decorators) decorator(other)
      return subController(other, { scope: Scope.REQUEST })
    }

    test.each<[string, () => Type]>([
      ['a guarded method', () => requestScoped(class extends Base {})],
      ['a requirement on its class', () => requestScoped(classWith(), RequireMaskinportenScope(READ))],
    ])(
      'a route answers 403 if the constructor of its request-scoped controller with %s returns another object',
      async (_title, make) => {
        const api = await listen(make())
        expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'no_guard'])
      },
    )

    test.each<[string, () => Type]>([
      ['without decorators', () => requestScoped(classWith())],
      ['with @SkipMaskinporten on its method', () => requestScoped(classWith(SkipMaskinporten()))],
      ['with @SkipMaskinporten on its class', () => requestScoped(classWith(), SkipMaskinporten())],
    ])(
      'if only singleton controllers are guarded, the constructor of a request-scoped controller %s can return another object',
      async (_title, make) => {
        await expectOpen(await listen(ReadController, make()), '/sub', 'other')
      },
    )

    it('the application does not start if a constructor returns an instance of an unregistered class with a guarded method', async () => {
      const type = returning(class {}, () => new ReadController())
      await expectNoStart(listen(subController(type)), /^SubController\.get requires a token/)
    })

    it('the application does not start if a constructor returns an instance of an unregistered guarded class with inherited methods', async () => {
      class Guarded extends PlainController {}
      RequireMaskinportenScope(READ)(Guarded)
      const type = returning(class {}, () => new Guarded())
      await expectNoStart(listen(subController(type)), /^NestJS would call SubController\.get without asking/)
    })
  })
})
