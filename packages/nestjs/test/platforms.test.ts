import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  type ArgumentsHost,
  Controller,
  type ExceptionFilter,
  ForbiddenException,
  Get,
  HttpException,
  type INestApplication,
  Post,
  Put,
} from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { requireMaskinportenScope } from '@portvakt/express'
import {
  createMaskinportenValidator,
  type DecisionEvent,
  MaskinportenDeniedException,
  type MaskinportenModuleOptions,
  MaskinportenToken,
  RequireMaskinportenScope,
  type VerifiedToken,
} from '@portvakt/nestjs'
import express from 'express'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { call, mock, PLATFORMS, PlainController, READ, reasonOf, start, WRITE } from './vedtak-api.js'

let app: INestApplication
let events: DecisionEvent[]
let own: Error
let handled: number
let filter: ExceptionFilter | undefined
let seen: unknown[]

beforeEach(() => {
  events = []
  own = new HttpException('teapot', 418)
  handled = 0
  filter = undefined
  seen = []
})

const bearerOf = async (options: object = {}) => [
  `Bearer ${await mock.issueToken({ scope: READ, ...options })}`,
]
/** Records each exception, and responds with its own body. */
const ownFilter: ExceptionFilter = {
  catch(exception: unknown, host: ArgumentsHost) {
    seen.push(exception)
    const status = exception instanceof HttpException ? exception.getStatus() : 500
    app.getHttpAdapter().reply(host.getArgByIndex(1), { mine: true }, status)
  },
}
const recorded = () =>
  createMaskinportenValidator({
    issuer: mock.issuer,
    fetch: mock.fetch,
    onDecision: (event) => events.push(event),
  })

@Controller('vedtak')
@RequireMaskinportenScope(READ)
class VedtakController {
  @Get()
  get(@MaskinportenToken() token: VerifiedToken) {
    handled++
    return { consumer: token.consumer.organisationNumber }
  }

  @Post()
  @RequireMaskinportenScope({ scope: WRITE, consumers: ['889640782'] })
  post(@MaskinportenToken() token: VerifiedToken) {
    return { consumer: token.consumer.organisationNumber }
  }

  @Put()
  @RequireMaskinportenScope((request: { url: string }) => (request.url.endsWith('?w') ? WRITE : READ))
  put() {
    return {}
  }

  @Get('rule')
  @RequireMaskinportenScope({ scope: READ, authorize: () => Promise.reject(own) })
  rule() {
    handled++
  }

  @Get('leaving')
  @RequireMaskinportenScope({ scope: READ, authorize: callerLeaves })
  leaving() {
    handled++
  }
}

async function callerLeaves(_token: VerifiedToken, request: { raw?: IncomingMessage } | IncomingMessage) {
  const { socket } = 'raw' in request && request.raw ? request.raw : (request as IncomingMessage)
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
  return true
}

/** The Express adapter's response to the same request. */
async function expressAnswer(authorization: readonly string[]) {
  const api = express().use(requireMaskinportenScope(READ, { validator: recorded() }))
  const server = createServer(api).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await call({ getHttpServer: () => server } as INestApplication, '/', authorization)
  } finally {
    server.close()
  }
}

describe.each(PLATFORMS)('@RequireMaskinportenScope on %s', (_platform, adapter) => {
  const open = async (options: Partial<MaskinportenModuleOptions> = {}, isGlobal = false) => {
    app = await start([VedtakController, PlainController], {
      options: { validator: recorded(), ...options },
      adapter,
      isGlobal,
      providers: filter ? [{ provide: APP_FILTER, useValue: filter }] : [],
    })
  }
  beforeEach(() => open())

  it('the NestJS guard passes a request with a valid token to the handler', async () => {
    const { status, body } = await call(app, '/vedtak', await bearerOf({ consumer: '889640782' }))
    expect([status, body]).toEqual([200, '{"consumer":"889640782"}'])
  })

  test.each<[string, () => Promise<string[]>, number]>([
    ['no credentials', async () => [], 401],
    ['the same header twice', async () => [...(await bearerOf()), ...(await bearerOf())], 400],
    ['a malformed token', async () => ['Bearer x'], 401],
  ])(
    'a request with %s gets the same denial as from the Express adapter',
    async (_title, headers, status) => {
      const authorization = await headers()
      const answer = await call(app, '/vedtak', authorization)
      const model = await expressAnswer(authorization)
      expect([answer.status, answer.body, handled]).toEqual([status, model.body, 0])
      for (const name of ['www-authenticate', 'cache-control', 'content-length', 'retry-after']) {
        expect([name, answer.headers[name]]).toEqual([name, model.headers[name]])
      }
      // Both platforms add the charset. JSON is always UTF-8 (RFC 8259 §8.1).
      expect(answer.headers['content-type']).toBe(`${model.headers['content-type']}; charset=utf-8`)
    },
  )

  it('a method’s requirement replaces the requirement of its class', async () => {
    const both = `${READ} ${WRITE}`
    expect((await call(app, '/vedtak', await bearerOf({ scope: both }), 'POST')).status).toBe(403)
    const refused = await call(app, '/vedtak', await bearerOf(), 'POST')
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
    )
    const allowed = await bearerOf({ scope: WRITE, consumer: '889640782' })
    expect((await call(app, '/vedtak', allowed, 'POST')).status).toBe(201)
  })

  it('a global guard refuses every request to a handler without a decorator', async () => {
    await open({}, true)
    for (const authorization of [[], await bearerOf()]) {
      const answer = call(app, '/plain', authorization)
      expect(await reasonOf(answer)).toEqual([403, 'no_guard'])
      expect((await answer).headers).not.toHaveProperty('www-authenticate')
    }
  })

  it('publicRoutes opens a handler only if it returns `true` and the handler has no requirement', async () => {
    await open({ publicRoutes: (context) => context.getHandler().name !== 'put' }, true)
    expect((await call(app, '/plain')).status).toBe(200)
    expect((await call(app, '/plain', [], 'PUT')).status).toBe(403)
    expect((await call(app, '/vedtak')).status).toBe(401)
    await open({ publicRoutes: (() => Promise.resolve(true)) as never }, true)
    expect((await call(app, '/plain')).status).toBe(403)
  })

  it('a requirement function gets the platform’s request', async () => {
    const authorization = await bearerOf()
    expect((await call(app, '/vedtak', authorization, 'PUT')).status).toBe(200)
    expect((await call(app, '/vedtak?w', authorization, 'PUT')).status).toBe(403)
  })

  it('an error thrown by `authorize` reaches the exception filters unchanged', async () => {
    filter = ownFilter
    await open()
    expect((await call(app, '/vedtak/rule', await bearerOf())).status).toBe(418)
    expect([seen, handled]).toEqual([[own], 0])
    expect(seen[0]).toBe(own)
  })

  test.each([undefined, null, 'route', 0])(
    'the response is 500 if `authorize` rejects with %j',
    async (thrown) => {
      own = thrown as never
      expect((await call(app, '/vedtak/rule', await bearerOf())).status).toBe(500)
      expect(handled).toBe(0)
    },
  )

  it('the handler does not run if the caller has disconnected', async () => {
    const caught = new Promise<unknown>((resolve) => {
      filter = { catch: resolve }
    })
    await open()
    await expect(call(app, '/vedtak/leaving', await bearerOf())).rejects.toThrow(/hang up|ECONNRESET/)
    expect(await caught).toBeInstanceOf(ForbiddenException)
    expect([handled, events[0]?.allowed]).toEqual([0, true])
  })

  it('the denial’s headers are set on the response before exception filters get the exception', async () => {
    filter = ownFilter
    await open()
    const { status, headers, body } = await call(app, '/vedtak')
    expect([status, body]).toEqual([401, '{"mine":true}'])
    expect(headers['www-authenticate']).toBe('Bearer realm="maskinporten"')
    expect(seen[0]).toBeInstanceOf(HttpException)
    expect(seen[0]).toBeInstanceOf(MaskinportenDeniedException)
    expect(seen[0]).toMatchObject({
      message: 'Refused by the Maskinporten guard: no_credentials',
      denial: { status: 401, reason: 'no_credentials' },
      response: { code: 'missing_token' },
    })
  })
})

const begin = (response: ServerResponse) => response.writeHead(200).write('begun, ')

function begunExpress() {
  const adapter = new ExpressAdapter()
  adapter.use((_request: unknown, response: ServerResponse, next: () => void) => {
    begin(response)
    next()
  })
  return adapter
}

function begunFastify() {
  const adapter = new FastifyAdapter()
  adapter.getInstance().addHook('onRequest', async (_request, { raw }) => void begin(raw))
  return adapter
}

it.each([
  ['Express', begunExpress],
  ['Fastify', begunFastify],
])(
  'on %s, an error thrown by `authorize` ends the connection if the response has already started',
  async (_platform, adapter) => {
    app = await start([VedtakController], { adapter })
    await expect(call(app, '/vedtak/rule', await bearerOf())).rejects.toThrow(/aborted|ECONNRESET/)
  },
)
