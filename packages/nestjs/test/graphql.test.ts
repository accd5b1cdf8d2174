import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo'
import { type INestApplication, Module, type Type } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { GraphQLModule, Int, Query, Resolver, Subscription } from '@nestjs/graphql'
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import {
  MaskinportenGuard,
  MaskinportenModule,
  MaskinportenToken,
  RequireMaskinportenScope,
  SkipMaskinporten,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { listen, mock, READ, ReadController, validator, WRITE } from './vedtak-api.js'

let app: INestApplication

const tokenOf = async (options: object = {}) => `Bearer ${await mock.issueToken({ scope: READ, ...options })}`

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
  @RequireMaskinportenScope(
    (request: { headers: Record<string, string> }) => `nav:x.${request.headers['x-scope']}`,
  )
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

  @Subscription(() => Int, { resolve: (value: number) => value })
  @RequireMaskinportenScope(READ)
  async *ticks() {
    yield 1
  }
}

const apollo = () =>
  GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    autoSchemaFile: true,
    subscriptions: { 'graphql-ws': true },
  })
const mercurius = () =>
  GraphQLModule.forRoot<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    autoSchemaFile: true,
    // Without this, a WebSocket accepts only subscriptions.
    subscription: { fullWsTransport: true },
  })

const DRIVERS = [
  ['Apollo on Express', () => new ExpressAdapter(), apollo],
  ['Apollo on Fastify', () => new FastifyAdapter(), apollo],
  ['Mercurius', () => new FastifyAdapter(), mercurius],
] as const

async function start(
  adapter: object,
  imports: readonly object[],
  resolver: Type = VedtakResolver,
  errors: string[] = [],
) {
  @Module({
    imports: [...(imports as Type[])],
    controllers: [ReadController],
    providers: [resolver, { provide: APP_GUARD, useExisting: MaskinportenGuard }],
  })
  class AppModule {}
  const error = (message: string) => void errors.push(message)
  const logger = { log: () => undefined, warn: () => undefined, error }
  app = await listen(Test.createTestingModule({ imports: [AppModule] }), adapter, logger)
}

interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: Readonly<Record<string, unknown>>
  }[]
}

async function ask(query: string, authorization: readonly string[] = [], others: readonly string[] = []) {
  const { port } = app.getHttpServer().address()
  const body = JSON.stringify({ query })
  const headers = [
    'Host',
    'localhost',
    'Content-Type',
    'application/json',
    'Content-Length',
    `${body.length}`,
  ]
  headers.push(...authorization.flatMap((value) => ['Authorization', value]), ...others)
  const sent = httpRequest({ port, path: '/graphql', method: 'POST', headers, agent: false }).end(body)
  const [response]: IncomingMessage[] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response ?? []) text += chunk
  return JSON.parse(text) as Result
}

const firstError = ({ errors }: Result) => errors?.[0]?.extensions

describe.each(DRIVERS)('GraphQL by %s', (_name, adapter, graphql) => {
  it('MaskinportenModule and GraphQLModule can be imported in any order', async () => {
    const maskinporten = MaskinportenModule.forRoot({ validator })
    await start(adapter(), [graphql(), maskinporten])
    await app.close()
    await start(adapter(), [maskinporten, graphql()])
    expect((await ask('{ open }')).data).toEqual({ open: 'open' })
  })

  describe('a resolver', () => {
    const open = () => start(adapter(), [MaskinportenModule.forRoot({ validator }), graphql()])

    it('a resolver gets the token of its HTTP request', async () => {
      await open()
      const token = await tokenOf({ consumer: '889640782' })
      expect(await ask('{ consumer open }', [token])).toEqual({
        data: { consumer: '889640782', open: 'open' },
      })
    })

    it('a refused resolver reports status, code and challenge in its error', async () => {
      await open()
      const refused = await ask('{ consumer }')
      expect(refused.data ?? null).toBeNull()
      expect(firstError(refused)).toMatchObject({
        status: 401,
        code: 'missing_token',
        reason: 'no_credentials',
        challenge: 'Bearer realm="maskinporten"',
      })
      expect(firstError(await ask('{ consumer }', [await tokenOf(), await tokenOf()]))).toMatchObject({
        status: 400,
        code: 'invalid_request',
      })
      expect(firstError(await ask('{ write }', [await tokenOf()]))).toMatchObject({
        status: 403,
        code: 'insufficient_scope',
        challenge: `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
      })
    })

    it('each resolver in an operation is checked against its own requirement', async () => {
      await open()
      const query = '{ consumer write }'
      expect(firstError(await ask(query, [await tokenOf()]))).toMatchObject({ code: 'insufficient_scope' })
      const both = await tokenOf({ scope: `${READ} ${WRITE}`, consumer: '889640782' })
      expect((await ask(query, [both])).data).toEqual({ consumer: '889640782', write: 'written' })
    })

    it('a resolver’s requirement function gets the HTTP request', async () => {
      await open()
      expect((await ask('{ computed }', [await tokenOf()], ['X-Scope', 'read'])).data).toEqual({
        computed: 'computed',
      })
      expect(firstError(await ask('{ computed }', [await tokenOf()], ['X-Scope', 'write']))).toMatchObject({
        code: 'insufficient_scope',
      })
    })

    it('a global guard refuses a resolver without a decorator', async () => {
      await open()
      expect(firstError(await ask('{ unmarked }', [await tokenOf()]))).toMatchObject({
        status: 403,
        reason: 'no_guard',
      })
    })
  })

  it('the guard refuses subscriptions and WebSocket queries, and logs each handler once', async () => {
    const errors: string[] = []
    await start(adapter(), [MaskinportenModule.forRoot({ validator }), graphql()], VedtakResolver, errors)
    const { port } = app.getHttpServer().address()
    const token = await tokenOf()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
      headers: { authorization: token },
    })
    const answers = new Map<string, { type: string }>()
    socket.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.id === undefined || !answers.has(message.id))
        answers.set(message.id ?? message.type, message)
    })
    const answer = (id: string) => vi.waitUntil(() => answers.get(id), { timeout: 10_000 })
    await once(socket, 'open')
    const payload = { authorization: token, headers: { authorization: token } }
    socket.send(JSON.stringify({ type: 'connection_init', payload }))
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
    expect(errors.filter((line) => line.includes('the guard is for HTTP'))).toEqual([
      expect.stringContaining('VedtakResolver.ticks'),
      expect.stringContaining('VedtakResolver.consumer'),
    ])
    expect(errors.join()).not.toContain(token.slice(-20))
  })
})

it.each<[string, object]>([
  ['headers', {}],
  ['members of a request', { method: 'POST', on: 'data', rawHeaders: [], raw: { method: 'POST' } }],
])('the guard refuses a `req` that is plain JSON with %s', async (_title, members) => {
  const authorization = await tokenOf()
  const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    autoSchemaFile: true,
    context: () => ({ req: { headers: { authorization }, ...members } }),
  })
  await start(new ExpressAdapter(), [MaskinportenModule.forRoot({ validator }), graphql])
  const { data, errors } = await ask('{ consumer }')
  expect([data, errors?.[0]?.message]).toEqual([null, 'Forbidden resource'])
})

it('the start fails if a resolver replaces a guarded method in its constructor', async () => {
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
  }
  const imports = [MaskinportenModule.forRoot({ validator }), apollo()]
  await expect(start(new ExpressAdapter(), imports, BoundResolver)).rejects.toThrow(
    /^BoundResolver\.bound requires a token, but the instance replaces the method/,
  )
})
