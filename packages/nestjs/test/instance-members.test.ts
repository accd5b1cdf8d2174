import { Controller, type ControllerOptions, Get, Inject, Injectable, Scope, type Type } from '@nestjs/common'
import { RequireMaskinportenScope } from '@portvakt/nestjs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { bearer, call, PLATFORMS, READ, reasonOf, start } from './vedtak-api.js'

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

/** Makes a constructor return something else than the instance that it has set up. */
function returning(Original: Type<Base>, replacement: (instance: object) => object): Type {
  return class extends (new Proxy(Original, {
    construct: (...args) => replacement(Reflect.construct(...args)),
  })) {}
}

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? value.bind(target) : value
}

/** What an instance has in place of the method `find` of its class. */
const MEMBERS: readonly (readonly [string, () => Type])[] = [
  [
    'binds the method in its constructor',
    () =>
      class extends Base {
        constructor() {
          super()
          this.find = this.find.bind(this)
        }
      },
  ],
  [
    'overrides the method by an arrow function in a field',
    () =>
      class extends Base {
        override find = () => ++handled
      },
  ],
  [
    'takes an undecorated method of its class instead',
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
    'takes the unguarded method that the guarded one overrides',
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
    'is a proxy that binds all methods, its constructor too',
    () => returning(class extends Base {}, (instance) => new Proxy(instance, { get: bound })),
  ],
]

/** Decorates a new class as a controller with this name. */
function controller(type: Type, options: ControllerOptions = {}): Type {
  Object.defineProperty(type, 'name', { value: 'SubController' })
  Controller({ path: 'sub', ...options })(type)
  return type
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

/** The ways in which each request gets its own controller. */
const SCOPES: readonly (readonly [string, (type: Type) => Type])[] = [
  ['request-scoped', (type) => controller(type, { scope: Scope.REQUEST })],
  ['durable', (type) => controller(type, { scope: Scope.REQUEST, durable: true })],
  [
    'request-scoped by a dependency',
    (type) => {
      Inject(PerRequest)(type.prototype, 'dependency')
      return controller(type)
    },
  ],
]

describe.each(PLATFORMS)('on %s', (_platform, adapter) => {
  const listen = (...controllers: Type[]) => start(controllers, { adapter, providers: [PerRequest] })

  test.each(MEMBERS)('the start fails when a controller %s', async (_title, make) => {
    await expect(listen(controller(make())).then(() => 'started')).rejects.toThrow(
      /^SubController\.find requires a token, but the instance replaces the method/,
    )
  })

  describe.each(SCOPES)('when a controller that is %s', (_scope, scoped) => {
    test.each(MEMBERS)('%s, the route answers 403', async (_title, make) => {
      const api = await listen(scoped(make()))
      expect(await reasonOf(call(api, '/sub'))).toEqual([403, 'no_guard'])
      expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'no_guard'])
      expect(handled).toBe(0)
    })

    it('replaces no method, its guard decides, and an unguarded method stays open', async () => {
      const api = await listen(scoped(class extends Base {}))
      expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
      expect((await call(api, '/sub', await bearer())).body).toBe('1')
      expect((await call(api, '/sub/open')).body).toBe('open')
    })
  })

  it('the start fails when a controller takes an open method instead', async () => {
    class Swapped extends Base {
      constructor() {
        super()
        this.find = this.open
      }
    }
    await expect(listen(controller(Swapped)).then(() => 'started')).rejects.toThrow(/^SubController\.find/)
  })

  it('an unguarded method of a controller with a bound one stays open', async () => {
    const [, make] = MEMBERS[0] ?? []
    const api = await listen(controller(make?.() ?? Base, { scope: Scope.REQUEST }))
    expect((await call(api, '/sub/open')).body).toBe('open')
    expect(await reasonOf(call(api, '/sub'))).toEqual([403, 'no_guard'])
  })

  test.each([Scope.DEFAULT, Scope.TRANSIENT])('scope %s: an unguarded method may be bound', async (scope) => {
    class Bound extends Base {
      constructor() {
        super()
        this.open = this.open.bind(this)
      }
    }
    const api = await listen(controller(Bound, { scope }))
    expect((await call(api, '/sub/open')).body).toBe('open')
    expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
  })

  it('a request-scoped controller without guards can bind its methods', async () => {
    @Controller({ path: 'free', scope: Scope.REQUEST })
    class FreeController {
      constructor() {
        this.get = this.get.bind(this)
      }
      @Get()
      get() {
        return 'free'
      }
    }
    const api = await listen(FreeController, controller(class extends Base {}, { scope: Scope.REQUEST }))
    expect((await call(api, '/free')).body).toBe('free')
  })

  it('a controller whose class requires a token may bind its methods', async () => {
    for (const scope of [Scope.DEFAULT, Scope.REQUEST]) {
      class Guarded {
        get() {
          return ++handled
        }
        constructor() {
          this.get = this.get.bind(this)
        }
      }
      Get()(Guarded.prototype, 'get', Object.getOwnPropertyDescriptor(Guarded.prototype, 'get') ?? {})
      RequireMaskinportenScope(READ)(Guarded)
      const api = await listen(controller(Guarded, { scope }))
      expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
      expect((await call(api, '/sub', await bearer())).status).toBe(200)
      await api.close()
    }
  })

  it('a replacement with the method’s metadata keeps its guard', async () => {
    class Wrapped extends Base {
      constructor() {
        super()
        const { find } = this
        this.find = () => find.call(this)
        for (const key of Reflect.getMetadataKeys(find)) {
          Reflect.defineMetadata(key, Reflect.getMetadata(key, find), this.find)
        }
      }
    }
    for (const scope of [Scope.DEFAULT, Scope.REQUEST]) {
      const api = await listen(controller(class extends Wrapped {}, { scope }))
      expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
      expect((await call(api, '/sub', await bearer())).status).toBe(200)
      await api.close()
    }
  })

  it('a method can be bound after the start', async () => {
    class Late extends Base {
      onModuleInit() {
        this.find = this.find.bind(this)
      }
    }
    const api = await listen(controller(Late))
    expect(await reasonOf(call(api, '/sub'))).toEqual([401, 'no_credentials'])
  })

  it('a constructor that returns another object for one request loses no guard', async () => {
    const type = returning(class extends Base {}, (instance) => ({ find: () => bound(instance, 'find') }))
    const api = await listen(controller(type, { scope: Scope.REQUEST }))
    expect(await reasonOf(call(api, '/sub', await bearer()))).toEqual([403, 'no_guard'])
  })
})
