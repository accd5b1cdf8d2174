import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type INestApplication, Injectable, Scope } from '@nestjs/common'
import { Int, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql'
import { MaskinportenToken, RequireMaskinportenScope, type VerifiedToken } from '@portvakt/nestjs'
import { describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { apollo, ask, DRIVERS, errorOf, mercurius, startGraphql } from './graphql-api.js'
import {
  bearer,
  maskinportenModule,
  onExpress,
  onFastify,
  READ,
  requireRead,
  requireWrite,
  skip,
  start,
  WRITE,
} from './vedtak-api.js'

@Resolver()
class VedtakResolver {
  @Query(() => String)
  @requireRead
  consumer(@MaskinportenToken() token: VerifiedToken) {
    return token.consumer.organisationNumber
  }

  @Query(() => String)
  @requireWrite
  write() {
    return 'written'
  }

  @Query(() => String)
  @RequireMaskinportenScope(({ headers }: IncomingMessage) => `nav:x.${headers['x-scope']}`)
  computed() {
    return 'computed'
  }

  @Query(() => String)
  @skip
  open() {
    return 'open'
  }

  @Query(() => String)
  unmarked() {
    return 'unmarked'
  }

  @Mutation(() => String)
  @requireRead
  low() {
    return 'low'
  }

  @Mutation(() => String)
  @requireWrite
  high() {
    return 'high'
  }

  @Subscription(() => Int, { resolve: (value: number) => value })
  @requireRead
  async *ticks() {
    yield 1
  }
}

/** A resolver whose constructor binds one of its two guarded methods. */
@Injectable({ scope: Scope.REQUEST })
@Resolver()
class BoundResolver {
  constructor() {
    this.bound = this.bound.bind(this)
  }

  @Query(() => String)
  @requireRead
  bound() {
    return 'bound'
  }

  @Query(() => String)
  @requireRead
  kept() {
    return 'kept'
  }
}

@Resolver()
class OpenResolver {
  @Query(() => String)
  answer() {
    return 'open'
  }
}

const startVedtak = (adapter: () => object, graphql: object, errors: string[] = []) =>
  startGraphql(adapter, graphql, { providers: [VedtakResolver], errors })

/** Expects that queries and subscriptions over a WebSocket are refused. Returns the header that opened it. */
async function expectRefusedOverWebSocket(app: INestApplication): Promise<string> {
  const { port } = app.getHttpServer().address()
  const [authorization = ''] = await bearer()
  const headers = { authorization }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { headers })
  const answers = new Map<string, object>()
  socket.on('message', (data) => {
    const { id, type, ...rest } = JSON.parse(String(data))
    if (id === undefined || !answers.has(id)) answers.set(id ?? type, rest)
  })
  const answer = (id: string) => vi.waitUntil(() => answers.get(id), { timeout: 10_000 })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization, headers } }))
  await answer('connection_ack')
  for (const [id, query] of Object.entries([
    'subscription { ticks }',
    'subscription { ticks }',
    '{ consumer }',
  ])) {
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }))
    expect(JSON.stringify(await answer(id))).toContain('Forbidden resource')
  }
  socket.terminate()
  return authorization
}

describe.each(DRIVERS)('GraphQL by %s', (driver, adapter, graphql) => {
  it(`the error of a refused resolver contains status, code and challenge (${driver})`, async () => {
    const app = await startVedtak(adapter, graphql())
    const refused = ask(app, '{ consumer }')
    expect((await refused).data ?? null).toBeNull()
    expect(await errorOf(refused)).toMatchObject({
      status: 401,
      code: 'missing_token',
      reason: 'no_credentials',
      challenge: 'Bearer realm="maskinporten"',
    })
    const ambiguous = ask(app, '{ consumer }', [...(await bearer()), ...(await bearer())])
    expect(await errorOf(ambiguous)).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(await errorOf(ask(app, '{ write }', await bearer()))).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      challenge: `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
    })
    expect((await ask(app, '{ open }')).data).toEqual({ open: 'open' })
    // The global guard refuses a resolver without a decorator.
    const unmarked = ask(app, '{ unmarked }', await bearer())
    expect(await errorOf(unmarked)).toMatchObject({ status: 403, reason: 'no_guard' })
  })

  it(`each resolver in an operation is checked against its own requirement (${driver})`, async () => {
    const app = await startVedtak(adapter, graphql())
    const both = await bearer({ scope: `${READ} ${WRITE}`, consumer: '889640782' })
    for (const [operation, expected] of [
      ['{ open consumer write }', { open: 'open', consumer: '889640782', write: 'written' }],
      ['mutation { low high }', { low: 'low', high: 'high' }],
    ] as const) {
      const refused = ask(app, operation, await bearer())
      expect((await refused).data ?? null).toBeNull()
      expect(await errorOf(refused)).toMatchObject({ code: 'insufficient_scope' })
      expect((await ask(app, operation, both)).data).toEqual(expected)
    }
  })

  it(`a resolver’s requirement function gets the HTTP request (${driver})`, async () => {
    const app = await startVedtak(adapter, graphql())
    const askFor = async (scope: string) => ask(app, '{ computed }', await bearer(), [['X-Scope', scope]])
    expect((await askFor('read')).data).toEqual({ computed: 'computed' })
    expect(await errorOf(askFor('write'))).toMatchObject({ code: 'insufficient_scope' })
  })

  it(`without a global guard, a request-scoped resolver cannot replace its guarded method (${driver})`, async () => {
    const providers = [BoundResolver, OpenResolver]
    const app = await startGraphql(adapter, graphql(), { providers, isGlobal: false })
    const { data, errors } = await ask(app, '{ bound }', await bearer())
    expect([data ?? null, errors?.[0]?.message]).toEqual([null, 'Forbidden resource'])
    expect(await errorOf(ask(app, '{ kept }'))).toMatchObject({ status: 401 })
    expect((await ask(app, '{ kept answer }', await bearer())).data).toEqual({ kept: 'kept', answer: 'open' })
  })

  it(`the NestJS guard refuses operations over a WebSocket, and logs each handler once (${driver})`, async () => {
    const errors: string[] = []
    const app = await startVedtak(adapter, graphql(), errors)
    const authorization = await expectRefusedOverWebSocket(app)
    expect(errors.filter((line) => line.includes('the guard is for HTTP'))).toEqual([
      expect.stringContaining('VedtakResolver.ticks'),
      expect.stringContaining('VedtakResolver.consumer'),
    ])
    expect(errors.join()).not.toContain(authorization.slice(-20))
  })
})

it.each([
  ['before', [apollo(), maskinportenModule]],
  ['after', [maskinportenModule, apollo()]],
])('resolvers are guarded if GraphQLModule is imported %s MaskinportenModule', async (_title, imports) => {
  const app = await start([], { imports, providers: [VedtakResolver], isGlobal: true })
  expect((await ask(app, '{ open }')).data).toEqual({ open: 'open' })
  expect(await errorOf(ask(app, '{ consumer }'))).toMatchObject({ status: 401 })
})

/** The argument of Apollo's `context` function: for a WebSocket, `extra` has the request that opened it. */
interface ApolloContext {
  readonly req?: object
  readonly extra?: { readonly request: IncomingMessage }
}
const apolloOfUpgrade = () =>
  apollo({ context: ({ req, extra }: ApolloContext) => ({ req: req ?? extra?.request }) })
const mercuriusOfUpgrade = () => {
  const context = (_connection: unknown, req: object) => ({ req })
  return mercurius({ subscription: { fullWsTransport: true, context } })
}

it.each([
  ['Apollo on Express', onExpress, apolloOfUpgrade],
  ['Apollo on Fastify', onFastify, apolloOfUpgrade],
  ['Mercurius', onFastify, mercuriusOfUpgrade],
] as const)(
  'the NestJS guard refuses operations over a WebSocket if `req` is the upgrade request (%s)',
  async (_name, adapter, graphql) => {
    await expectRefusedOverWebSocket(await startVedtak(adapter, graphql()))
  },
)

it.each<[string, object]>([
  ['headers', {}],
  ['members of a request', { method: 'POST', on: 'data', rawHeaders: [], raw: { method: 'POST' } }],
])('the NestJS guard refuses a `req` that is plain JSON with %s', async (_title, members) => {
  const [authorization = ''] = await bearer()
  const context = () => ({ req: { headers: { authorization }, ...members } })
  const { data, errors } = await ask(await startVedtak(onExpress, apollo({ context })), '{ consumer }')
  expect([data, errors?.[0]?.message]).toEqual([null, 'Forbidden resource'])
})
