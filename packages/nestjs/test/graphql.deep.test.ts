import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type INestApplication, Injectable, Scope, type Type } from '@nestjs/common'
import { Int, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql'
import {
  MaskinportenToken,
  RequireMaskinportenScope,
  SkipMaskinporten,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import type { RawHeaders } from '../../../test/contract/conformance/host.js'
import { apollo, ask as askApp, DRIVERS, firstError, mercurius, startGraphql } from './graphql-api.js'
import {
  bearer,
  expectNoStart,
  maskinportenModule,
  onExpress,
  onFastify,
  READ,
  start as startApi,
  WRITE,
} from './vedtak-api.js'

let app: INestApplication

@Resolver()
class VedtakResolver {
  @Query(() => String)
  @RequireMaskinportenScope(READ)
  consumer(@MaskinportenToken() token: VerifiedToken) {
    return token.consumer.organisationNumber
  }

  @Query(() => String)
  @RequireMaskinportenScope(WRITE)
  write() {
    return 'written'
  }

  @Query(() => String)
  @RequireMaskinportenScope(({ headers }: IncomingMessage) => `nav:x.${headers['x-scope']}`)
  computed() {
    return 'computed'
  }

  @Query(() => String)
  @SkipMaskinporten()
  open() {
    return 'open'
  }

  @Query(() => String)
  unmarked() {
    return 'unmarked'
  }

  @Mutation(() => String)
  @RequireMaskinportenScope(READ)
  low() {
    return 'low'
  }

  @Mutation(() => String)
  @RequireMaskinportenScope(WRITE)
  high() {
    return 'high'
  }

  @Subscription(() => Int, { resolve: (value: number) => value })
  @RequireMaskinportenScope(READ)
  async *ticks() {
    yield 1
  }
}

/** A new resolver whose constructor binds one of its two guarded methods. */
function boundResolver(): Type {
  @Resolver()
  class BoundResolver {
    constructor() {
      this.bound = this.bound.bind(this)
    }

    @Query(() => String)
    @RequireMaskinportenScope(READ)
    bound() {
      return 'bound'
    }

    @Query(() => String)
    @RequireMaskinportenScope(READ)
    kept() {
      return 'kept'
    }
  }
  return BoundResolver
}
const RequestResolver = boundResolver()
Injectable({ scope: Scope.REQUEST })(RequestResolver)

@Resolver()
class OpenResolver {
  @Query(() => String)
  answer() {
    return 'open'
  }
}

/** Starts an application with a global guard. */
const start = async (
  adapter: () => object,
  graphql: () => object,
  { resolver = VedtakResolver as Type, errors = [] as string[] } = {},
) => {
  app = await startGraphql(adapter, graphql(), { providers: [resolver], errors })
}

const ask = (query: string, authorization?: readonly string[], headers?: RawHeaders) =>
  askApp(app, query, authorization, headers)

/** Expects that queries and subscriptions over a WebSocket are refused. Returns the header that opened it. */
async function expectRefusedOverWebSocket(): Promise<string> {
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
  for (const [id, query] of [
    ['1', 'subscription { ticks }'],
    ['2', 'subscription { ticks }'],
    ['3', '{ consumer }'],
  ] as const) {
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }))
    expect(JSON.stringify(await answer(id))).toContain('Forbidden resource')
  }
  socket.terminate()
  return authorization
}

describe.each(DRIVERS)('GraphQL by %s', (_name, adapter, graphql) => {
  it('GraphQLModule can be imported before MaskinportenModule', async () => {
    const imports = [graphql(), maskinportenModule]
    app = await startApi([], { adapter, imports, providers: [VedtakResolver], isGlobal: true })
    expect((await ask('{ open }')).data).toEqual({ open: 'open' })
  })

  describe('a resolver', () => {
    beforeEach(() => start(adapter, graphql))

    it('a resolver gets the token of its HTTP request', async () => {
      const { data } = await ask('{ consumer open }', await bearer({ consumer: '889640782' }))
      expect(data).toEqual({ consumer: '889640782', open: 'open' })
    })

    it('the error of a refused resolver contains status, code and challenge', async () => {
      const refused = await ask('{ consumer }')
      expect(refused.data ?? null).toBeNull()
      expect(firstError(refused)).toMatchObject({
        status: 401,
        code: 'missing_token',
        reason: 'no_credentials',
        challenge: 'Bearer realm="maskinporten"',
      })
      const ambiguous = await ask('{ consumer }', [...(await bearer()), ...(await bearer())])
      expect(firstError(ambiguous)).toMatchObject({ status: 400, code: 'invalid_request' })
      expect(firstError(await ask('{ write }', await bearer()))).toMatchObject({
        status: 403,
        code: 'insufficient_scope',
        challenge: `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
      })
    })

    it('each resolver in an operation is checked against its own requirement', async () => {
      const query = '{ consumer write }'
      expect(firstError(await ask(query, await bearer()))).toMatchObject({ code: 'insufficient_scope' })
      const both = await bearer({ scope: `${READ} ${WRITE}`, consumer: '889640782' })
      expect((await ask(query, both)).data).toEqual({ consumer: '889640782', write: 'written' })
    })

    it('a mutation that was allowed does not open the next mutation in the same operation', async () => {
      const mutation = 'mutation { low high }'
      const refused = await ask(mutation, await bearer())
      expect(refused.data ?? null).toBeNull()
      expect(firstError(refused)).toMatchObject({ code: 'insufficient_scope' })
      const both = await bearer({ scope: `${READ} ${WRITE}` })
      expect((await ask(mutation, both)).data).toEqual({ low: 'low', high: 'high' })
    })

    it('a resolver’s requirement function gets the HTTP request', async () => {
      const askFor = async (scope: string) => ask('{ computed }', await bearer(), [['X-Scope', scope]])
      expect((await askFor('read')).data).toEqual({ computed: 'computed' })
      expect(firstError(await askFor('write'))).toMatchObject({ code: 'insufficient_scope' })
    })

    it('a global guard refuses a resolver without a decorator', async () => {
      const refused = await ask('{ unmarked }', await bearer())
      expect(firstError(refused)).toMatchObject({ status: 403, reason: 'no_guard' })
    })
  })

  it('without a global guard, a request-scoped resolver cannot replace its guarded method', async () => {
    const imports = [maskinportenModule, graphql()]
    app = await startApi([], { adapter, imports, providers: [RequestResolver, OpenResolver] })
    const { data, errors } = await ask('{ bound }', await bearer())
    expect([data ?? null, errors?.[0]?.message]).toEqual([null, 'Forbidden resource'])
    expect(firstError(await ask('{ kept }'))).toMatchObject({ status: 401 })
    expect((await ask('{ kept answer }', await bearer())).data).toEqual({ kept: 'kept', answer: 'open' })
  })

  it('the NestJS guard refuses subscriptions and WebSocket queries, and logs each handler once', async () => {
    const errors: string[] = []
    await start(adapter, graphql, { errors })
    const authorization = await expectRefusedOverWebSocket()
    expect(errors.filter((line) => line.includes('the guard is for HTTP'))).toEqual([
      expect.stringContaining('VedtakResolver.ticks'),
      expect.stringContaining('VedtakResolver.consumer'),
    ])
    expect(errors.join()).not.toContain(authorization.slice(-20))
  })
})

/** The argument of Apollo's `context` function: for a WebSocket, `extra` has the request that opened it. */
interface ApolloContext {
  readonly req?: object
  readonly extra?: { readonly request: IncomingMessage }
}
const apolloOfUpgrade = () =>
  apollo({ context: ({ req, extra }: ApolloContext) => ({ req: req ?? extra?.request }) })
const mercuriusOfUpgrade = () =>
  mercurius({
    subscription: {
      fullWsTransport: true,
      context: (_connection: unknown, req: object) => ({ req }),
    },
  })

it.each([
  ['Apollo on Express', onExpress, apolloOfUpgrade],
  ['Apollo on Fastify', onFastify, apolloOfUpgrade],
  ['Mercurius', onFastify, mercuriusOfUpgrade],
] as const)(
  'the NestJS guard refuses operations over a WebSocket if `req` is the upgrade request (%s)',
  async (_name, adapter, graphql) => {
    await start(adapter, graphql)
    await expectRefusedOverWebSocket()
  },
)

it.each<[string, object]>([
  ['headers', {}],
  ['members of a request', { method: 'POST', on: 'data', rawHeaders: [], raw: { method: 'POST' } }],
])('the NestJS guard refuses a `req` that is plain JSON with %s', async (_title, members) => {
  const [authorization = ''] = await bearer()
  const context = () => ({ req: { headers: { authorization }, ...members } })
  await start(onExpress, () => apollo({ context }))
  const { data, errors } = await ask('{ consumer }')
  expect([data, errors?.[0]?.message]).toEqual([null, 'Forbidden resource'])
})

it('the application does not start if a resolver replaces a guarded method in its constructor', async () => {
  const message = /^BoundResolver\.bound requires a token, but the instance replaces the method/
  await expectNoStart(start(onExpress, apollo, { resolver: boundResolver() }), message)
})
