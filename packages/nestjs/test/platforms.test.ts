import {
  type ArgumentsHost,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  type INestApplication,
  Module,
  Post,
  Put,
  UseGuards,
} from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import {
  createMaskinportenValidator,
  type DecisionEvent,
  MASKINPORTEN_VALIDATOR,
  MaskinportenDeniedException,
  MaskinportenGuard,
  MaskinportenModule,
  MaskinportenToken,
  RequireMaskinportenScope,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { describe, expect, it } from 'vitest'
import {
  bearer,
  CLOSED,
  call,
  expectAnswers,
  mock,
  PLATFORMS,
  PlainController,
  READ,
  ReadController,
  reasonOf,
  requireRead,
  start,
  validator,
  WRITE,
} from './vedtak-api.js'

const own = new HttpException('teapot', 418)
let handled = 0

@Controller('vedtak')
@requireRead
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
  const listen = (options: Parameters<typeof start>[1] = {}) =>
    start([VedtakController, PlainController], { adapter, ...options })
  const statusOf = async (
    app: INestApplication,
    path: string,
    authorization: readonly string[] = [],
    method = 'GET',
  ) => (await call(app, path, authorization, method)).status

  it(`on ${platform}, a request with one valid Authorization header gets to the handler`, async () => {
    const app = await listen()
    const valid = await bearer({ consumer: '889640782' })
    expect(await call(app, '/vedtak', valid)).toMatchObject({ status: 200, body: '889640782' })
    const twice = [...valid, ...valid]
    expect(await reasonOf(call(app, '/vedtak', twice))).toEqual([400, 'ambiguous_credentials'])
  })

  it(`on ${platform}, a method’s requirement replaces the requirement of its class`, async () => {
    const app = await listen()
    expect(await statusOf(app, '/vedtak', await bearer({ scope: `${READ} ${WRITE}` }), 'POST')).toBe(403)
    const refused = await call(app, '/vedtak', await bearer(), 'POST')
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
    )
    const allowed = await bearer({ scope: WRITE, consumer: '889640782' })
    expect(await statusOf(app, '/vedtak', allowed, 'POST')).toBe(201)
  })

  it(`on ${platform}, a requirement function gets the platform’s request`, async () => {
    const app = await listen()
    expect(await statusOf(app, '/vedtak', await bearer(), 'PUT')).toBe(200)
    expect(await statusOf(app, '/vedtak?w', await bearer(), 'PUT')).toBe(403)
  })

  it(`on ${platform}, a global guard refuses every request to a handler without a decorator`, async () => {
    const app = await listen({ isGlobal: true })
    await expectAnswers(app, { '/plain': CLOSED })
    expect((await call(app, '/plain')).headers).not.toHaveProperty('www-authenticate')
  })

  it(`on ${platform}, publicRoutes opens a handler only if it returns \`true\` and the handler has no requirement`, async () => {
    const listenWith = (publicRoutes: unknown) => {
      const options = { validator, publicRoutes: publicRoutes as never }
      return listen({ isGlobal: true, imports: [MaskinportenModule.forRoot(options)] })
    }
    const app = await listenWith((context: ArgumentsHost) => context.getArgByIndex(0).method !== 'PUT')
    expect(await statusOf(app, '/plain')).toBe(200)
    expect(await statusOf(app, '/plain', [], 'PUT')).toBe(403)
    expect(await statusOf(app, '/vedtak')).toBe(401)
    for (const promise of [async () => true, () => Promise.reject(new Error('own'))]) {
      expect(await statusOf(await listenWith(promise), '/plain')).toBe(500)
    }
  })

  it(`on ${platform}, exception filters get the error of \`authorize\`, or the denial when its headers are already set`, async () => {
    const seen: unknown[] = []
    /** Records each exception, and responds with its own body. */
    const useValue: ExceptionFilter = {
      catch(exception: HttpException, host: ArgumentsHost) {
        seen.push(exception)
        app.getHttpAdapter().reply(host.getArgByIndex(1), { mine: true }, exception.getStatus())
      },
    }
    const app = await listen({ providers: [{ provide: APP_FILTER, useValue }] })
    expect(await statusOf(app, '/vedtak/rule', await bearer())).toBe(418)
    const { status, headers, body } = await call(app, '/vedtak')
    expect([status, body, handled]).toEqual([401, '{"mine":true}', 0])
    expect(headers['www-authenticate']).toBe('Bearer realm="maskinporten"')
    const [thrown, denied] = seen
    expect(thrown).toBe(own)
    expect(denied).toBeInstanceOf(HttpException)
    expect(denied).toBeInstanceOf(MaskinportenDeniedException)
    expect(denied).toMatchObject({
      message: 'Refused by the Maskinporten guard: no_credentials',
      denial: { status: 401, reason: 'no_credentials' },
      response: { code: 'missing_token' },
    })
  })
})

it.each(PLATFORMS)(
  'on %s, an error thrown by `authorize` ends the connection if the response has already started',
  async (_platform, adapter) => {
    // Not middleware: NestJS 10 cannot add any to Fastify before the application has started.
    const canActivate = (context: ExecutionContext) => {
      const response = context.switchToHttp().getResponse()
      ;(response.raw ?? response).writeHead(200).write('begun, ')
      return true
    }
    const configure = (one: INestApplication) => one.useGlobalGuards({ canActivate })
    const app = await start([VedtakController], { adapter, configure })
    await expect(call(app, '/vedtak/rule', await bearer())).rejects.toThrow(/aborted|ECONNRESET/)
  },
)

const audience = 'https://api.example.no'

const events: string[] = []
const logged = (name: string) => ({
  issuer: mock.issuer,
  fetch: mock.fetch,
  onDecision: ({ allowed }: DecisionEvent) => events.push(`${name}: ${allowed}`),
})
const lenient = createMaskinportenValidator(logged('lenient'))
const strict = createMaskinportenValidator({ ...logged('strict'), audience })

@Controller('strict')
@requireRead
class StrictController extends PlainController {
  @Get('twice')
  @UseGuards(MaskinportenGuard)
  twice() {
    return 'twice'
  }
}

@Module({
  controllers: [StrictController],
  providers: [{ provide: MASKINPORTEN_VALIDATOR, useFactory: () => strict }],
})
class StrictModule {}

const imports = [MaskinportenModule.forRoot({ validator: lenient }), StrictModule]

it.each(PLATFORMS)(
  'on %s, a module’s own validator decides requests to its routes',
  async (_name, adapter) => {
    for (const isGlobal of [false, true]) {
      const api = await start([ReadController], { adapter, imports, isGlobal })
      expect(await reasonOf(call(api, '/strict', await bearer()))).toEqual([401, 'wrong_audience'])
      expect((await call(api, '/strict', await bearer({ audience }))).body).toBe('plain')
      expect((await call(api, '/read', await bearer())).body).toBe('read')
    }
  },
)

it.each(PLATFORMS)(
  'on %s, the global guard’s validator decides first, and each validator decides once for several guards',
  async (_name, adapter) => {
    const api = await start([], { adapter, imports, isGlobal: true })
    events.length = 0
    expect((await call(api, '/strict/twice', await bearer({ audience }))).body).toBe('twice')
    expect(await reasonOf(call(api, '/strict'))).toEqual([401, 'no_credentials'])
    expect(events).toEqual(['lenient: true', 'strict: true', 'lenient: false'])
  },
)
