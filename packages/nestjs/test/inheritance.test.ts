import { applyDecorators, Get, Scope, type Type } from '@nestjs/common'
import { describe, expect, it, test } from 'vitest'
import {
  type Answers,
  CLOSED,
  call,
  classWith,
  decorated,
  expectAnswers,
  expectNoStart,
  guarded,
  guardedByWrite,
  open,
  requireRead,
  requireWrite,
  skip,
  start,
  subController,
} from './vedtak-api.js'

class Base {
  @Get()
  get() {
    return 'base'
  }

  @Get('health')
  @skip
  health() {
    return 'up'
  }

  @Get('write')
  @requireWrite
  write() {
    return 'write'
  }
}

@requireRead
class Guarded extends Base {}

const openOf = (type: Type) => decorated(class extends type {}, skip)

/** A class whose override of the guarded method `write` has these decorators. */
const overrideWith = (...decorators: MethodDecorator[]): Type => {
  class Override extends Base {
    @Get('write')
    @applyDecorators(...decorators)
    override write() {
      return 'override'
    }
  }
  return Override
}
const inheriting = () => class extends overrideWith() {}
const ofClass = (answer: (body: string) => Answers) => [answer('base'), answer('override')] as const

const listen = (type: Type, { isGlobal = false, scope = Scope.DEFAULT } = {}) =>
  start([subController(type, { scope })], { isGlobal })

/** Classes, and the answers of their methods `get` and `write`. Undefined: `get` has no decorator. */
const CLASSES: readonly [string, () => Type, get?: Answers | undefined, write?: Answers][] = [
  ['a subclass of an open class is not open', () => class extends openOf(Base) {}],
  ['an open class opens only methods without a requirement', () => openOf(Base), open('base')],
  ['a subclass inherits a requirement', () => class extends Guarded {}, guarded('base')],
  ['a subclass of an open subclass inherits it', () => class extends openOf(Guarded) {}, guarded('base')],
  [
    'a subclass’s requirement replaces the inherited one',
    () => decorated(class extends Guarded {}, requireWrite),
    guardedByWrite('base'),
  ],
  ['an override can require another scope', () => overrideWith(requireRead), undefined, guarded('override')],
  ['a decorator opens an override', () => overrideWith(skip), undefined, open('override')],
  ['a class guards its override', () => decorated(overrideWith(), requireRead), ...ofClass(guarded)],
  ['a class guards an inherited override', () => decorated(inheriting(), requireRead), ...ofClass(guarded)],
  ['a class opens its override', () => decorated(overrideWith(), skip), ...ofClass(open)],
  ['a class opens an inherited override', () => decorated(inheriting(), skip), ...ofClass(open)],
]

describe.each([
  ['without a global guard', { isGlobal: false, scope: Scope.DEFAULT }],
  ['under a global guard', { isGlobal: true, scope: Scope.DEFAULT }],
  ['under a global guard, in a request-scoped controller', { isGlobal: true, scope: Scope.REQUEST }],
])('%s', (title, options) => {
  test.each(CLASSES)(`${title}, %s`, async (_title, make, get, write = guardedByWrite('write')) => {
    await expectAnswers(listen(make(), options), {
      '/sub': get ?? (options.isGlobal ? CLOSED : open('base')),
      '/sub/health': open('up'),
      '/sub/write': write,
    })
  })
})

it('an inherited method that a subclass decorates is guarded in both classes', async () => {
  const Shared = classWith()
  const Sub = class extends Shared {}
  requireRead(Sub.prototype, 'get', Object.getOwnPropertyDescriptor(Shared.prototype, 'get'))
  for (const type of [Sub, Shared]) await expectAnswers(listen(type), { '/sub': guarded() })
})

test.each([Scope.DEFAULT, Scope.REQUEST])(
  'the application does not start if neither an override of a guarded method nor its class is decorated (Scope enum value %s)',
  async (scope) => {
    const message =
      'SubController.write overrides a method that requires a token, and NestJS would call it without asking ' +
      'the guard. Put @RequireMaskinportenScope or @SkipMaskinporten on the override'
    for (const type of [overrideWith(), inheriting()]) {
      await expectNoStart(listen(type, { scope }), new Error(message))
    }
  },
)

it('an override without a route decorator is not routed', async () => {
  class Unrouted extends Base {
    override write() {
      return super.write()
    }
  }
  expect((await call(await listen(Unrouted), '/sub/write')).status).toBe(404)
})
