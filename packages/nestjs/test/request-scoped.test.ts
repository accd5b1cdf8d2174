import { Controller, Get, Inject, Injectable, Scope } from '@nestjs/common'
import { REQUEST } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { getMaskinportenToken, MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import { expect, it } from 'vitest'
import { bearer, call, listen, mock, PLATFORMS, READ, recordErrors, validator } from './vedtak-api.js'

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
    const testing = Test.createTestingModule({
      imports: [MaskinportenModule.forRoot({ validator })],
      controllers: [CallerController],
      providers: [Caller],
    })
    const app = await listen(testing, adapter(), recordErrors(errors))
    const authorization = [`Bearer ${await mock.issueToken({ scope: READ, consumer: '889640782' })}`]
    expect(await call(app, '/late', authorization)).toMatchObject({ status: 200, body: '889640782' })
    expect((await call(app, '/early', authorization)).status).toBe(500)
    expect(errors.join()).toContain('the constructors of request-scoped providers do')
  },
)

it('a guarded handler that its controller binds answers 403 if the module’s options are request-scoped', async () => {
  @Controller()
  class BoundController {
    constructor() {
      this.get = this.get.bind(this)
    }

    @Get()
    @RequireMaskinportenScope(READ)
    get() {
      return 'read'
    }
  }
  const testing = Test.createTestingModule({
    imports: [MaskinportenModule.forRootAsync({ inject: [REQUEST], useFactory: () => ({ validator }) })],
    controllers: [BoundController],
  })
  const app = await listen(testing)
  expect((await call(app, '/', await bearer())).status).toBe(403)
})
