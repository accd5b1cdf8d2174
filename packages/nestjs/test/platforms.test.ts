import type { ServerResponse } from 'node:http'
import {
  type ArgumentsHost,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  type INestApplication,
  Post,
  Put,
} from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import {
  MaskinportenDeniedException,
  MaskinportenModule,
  type MaskinportenModuleOptions,
  MaskinportenToken,
  RequireMaskinportenScope,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  bearer,
  CLOSED,
  call,
  expectAnswers,
  PLATFORMS,
  PlainController,
  READ,
  reasonOf,
  start,
  validator,
  WRITE,
} from './vedtak-api.js'

let app: INestApplication
let handled: number
let seen: unknown[]

beforeEach(() => {
  handled = 0
  seen = []
})

const own = new HttpException('teapot', 418)

/** Records each exception, and responds with its own body. */
const ownFilter: ExceptionFilter = {
  catch(exception: unknown, host: ArgumentsHost) {
    seen.push(exception)
    const status = exception instanceof HttpException ? exception.getStatus() : 500
    app.getHttpAdapter().reply(host.getArgByIndex(1), { mine: true }, status)
  },
}

@Controller('vedtak')
@RequireMaskinportenScope(READ)
class VedtakController {
  @Get()
  get(@MaskinportenToken() token: VerifiedToken) {
    return token.consumer.organisationNumber
  }

  @Post()
  @RequireMaskinportenScope({ scope: WRITE, consumers: ['889640782'] })
  post() {}

  @Put()
  @RequireMaskinportenScope((request: { url: string }) => (request.url.endsWith('?w') ? WRITE : READ))
  put() {}

  @Get('rule')
  @RequireMaskinportenScope({ scope: READ, authorize: () => Promise.reject(own) })
  rule() {
    handled++
  }
}

describe.each(PLATFORMS)('@RequireMaskinportenScope on %s', (platform, adapter) => {
  const listen = async ({
    isGlobal = false,
    filters = [],
    ...options
  }: MaskinportenModuleOptions & { isGlobal?: boolean; filters?: ExceptionFilter[] } = {}) => {
    app = await start([VedtakController, PlainController], {
      imports: [MaskinportenModule.forRoot({ validator, ...options })],
      providers: filters.map((useValue) => ({ provide: APP_FILTER, useValue })),
      adapter,
      isGlobal,
    })
  }
  const statusOf = async (path: string, authorization: readonly string[] = [], method = 'GET') =>
    (await call(app, path, authorization, method)).status
  beforeEach(() => listen())

  it(`on ${platform}, the NestJS guard passes a request with a valid token to the handler`, async () => {
    const { status, body } = await call(app, '/vedtak', await bearer({ consumer: '889640782' }))
    expect([status, body]).toEqual([200, '889640782'])
  })

  it(`on ${platform}, a request with two Authorization headers gets 400`, async () => {
    const twice = [...(await bearer()), ...(await bearer())]
    expect(await reasonOf(call(app, '/vedtak', twice))).toEqual([400, 'ambiguous_credentials'])
  })

  it(`on ${platform}, a method’s requirement replaces the requirement of its class`, async () => {
    expect(await statusOf('/vedtak', await bearer({ scope: `${READ} ${WRITE}` }), 'POST')).toBe(403)
    const refused = await call(app, '/vedtak', await bearer(), 'POST')
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
    )
    const allowed = await bearer({ scope: WRITE, consumer: '889640782' })
    expect(await statusOf('/vedtak', allowed, 'POST')).toBe(201)
  })

  it(`on ${platform}, a global guard refuses every request to a handler without a decorator`, async () => {
    await listen({ isGlobal: true })
    await expectAnswers(app, { '/plain': CLOSED })
    expect((await call(app, '/plain')).headers).not.toHaveProperty('www-authenticate')
  })

  it(`on ${platform}, publicRoutes opens a handler only if it returns \`true\` and the handler has no requirement`, async () => {
    await listen({ isGlobal: true, publicRoutes: (context) => context.getHandler().name !== 'put' })
    expect(await statusOf('/plain')).toBe(200)
    expect(await statusOf('/plain', [], 'PUT')).toBe(403)
    expect(await statusOf('/vedtak')).toBe(401)
    for (const promise of [async () => true, () => Promise.reject(new Error('own'))]) {
      await listen({ isGlobal: true, publicRoutes: promise as never })
      expect(await statusOf('/plain')).toBe(500)
    }
  })

  it(`on ${platform}, a requirement function gets the platform’s request`, async () => {
    expect(await statusOf('/vedtak', await bearer(), 'PUT')).toBe(200)
    expect(await statusOf('/vedtak?w', await bearer(), 'PUT')).toBe(403)
  })

  it(`on ${platform}, an error thrown by \`authorize\` reaches the exception filters unchanged`, async () => {
    await listen({ filters: [ownFilter] })
    expect(await statusOf('/vedtak/rule', await bearer())).toBe(418)
    expect([seen, handled]).toEqual([[own], 0])
    expect(seen[0]).toBe(own)
  })

  it(`on ${platform}, the denial’s headers are set on the response before exception filters get the exception`, async () => {
    await listen({ filters: [ownFilter] })
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
  'on NestJS with %s, an error thrown by `authorize` ends the connection if the response has already started',
  async (_platform, adapter) => {
    app = await start([VedtakController], { adapter })
    await expect(call(app, '/vedtak/rule', await bearer())).rejects.toThrow(/aborted|ECONNRESET/)
  },
)
