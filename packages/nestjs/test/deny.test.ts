import type { HttpAdapterHost, ModuleRef } from '@nestjs/core'
import { denialOf } from '@portvakt/core/adapter'
import { MaskinportenError } from '@portvakt/nestjs'
import { describe, expect, it } from 'vitest'
import { deny, setDenialHeaders } from '../src/deny.js'
import { MaskinportenDeniedException } from '../src/maskinporten-denied-exception.js'
import { contextOf } from './vedtak-api.js'

const PROBLEM = 'application/problem+json'
const HEADERS = { 'cache-control': 'no-store', 'content-type': PROBLEM, 'www-authenticate': 'Bearer' }

/** A response that records its headers. When a body is serialised, it also records a copy of the headers. */
const recorded = ({
  headers = {},
  ...state
}: {
  headers?: Record<string, unknown>
  headersSent?: boolean
} = {}) => ({
  headers: { ...headers },
  destroyed: false,
  serialised: undefined as unknown,
  setHeader(name: string, value: unknown): void {
    this.headers[name] = value
  },
  removeHeader(name: string): void {
    delete this.headers[name]
  },
  destroy(): void {
    this.destroyed = true
  },
  json(body: unknown): string {
    this.serialised = { body, headers: { ...this.headers } }
    return 'sent'
  },
  ...state,
})

const adapter = (type: string) =>
  ({
    getType: () => type,
    setHeader: (response: ReturnType<typeof recorded>, name: string, value: string) =>
      response.setHeader(name, value),
  }) as unknown as HttpAdapterHost['httpAdapter']
const [express, fastify] = [adapter('express'), adapter('fastify')]

it('on Express, a denial’s content type is a list, which NestJS 11 keeps until it serialises the body', () => {
  const response = recorded()
  setDenialHeaders(express, response, HEADERS)
  // NestJS 11 replaces a content type that is a string. Node writes a list with one entry like a string.
  expect(response.headers).toEqual({ ...HEADERS, 'content-type': [PROBLEM] })
  expect(response.json({ code: 'missing_token' })).toBe('sent')
  expect(response.serialised).toEqual({ body: { code: 'missing_token' }, headers: HEADERS })
})

it('on Fastify, setDenialHeaders sets the denial’s headers, and removes those of another body', () => {
  const stale = { headers: { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' } }
  const raw = recorded(stale)
  const reply = Object.assign(recorded(stale), { raw })
  setDenialHeaders(fastify, reply, HEADERS)
  expect([raw.headers, reply.headers]).toEqual([{}, HEADERS])
  const withoutRaw = recorded(stale)
  setDenialHeaders(fastify, withoutRaw, HEADERS)
  expect(withoutRaw.headers).toEqual(HEADERS)
})

describe.each([
  ['does not change a response that has ended', { headersSent: true, writableEnded: true }, false],
  ['ends the connection if headers are already sent', { headersSent: true }, true],
])('a response that has started: setDenialHeaders %s', (title, state, destroyed) => {
  it(`on Express, setDenialHeaders ${title}`, () => {
    const response = recorded(state)
    const { json } = response
    setDenialHeaders(express, response, HEADERS)
    expect([response.headers, response.json, response.destroyed]).toEqual([{}, json, destroyed])
  })

  it(`on Fastify, setDenialHeaders hijacks the reply and ${title}`, () => {
    const raw = recorded(state)
    let hijacked = 0
    setDenialHeaders(fastify, { raw, hijack: () => hijacked++ }, HEADERS)
    expect([raw.headers, raw.destroyed, hijacked]).toEqual([{}, destroyed, 1])
  })
})

const refusal = (reason: 'expired' | 'consumer_not_allowed') => denialOf(new MaskinportenError(reason))

it.each([
  ['http', HEADERS],
  ['graphql', {}],
])('for a request of the type %s, `deny` sets the response headers %j', (type, headers) => {
  const response = recorded()
  const context = contextOf(class {}, 'get', [{}, response, {}, {}], type)
  const moduleRef = { get: () => ({ httpAdapter: fastify }) } as unknown as ModuleRef
  const denial = { ...refusal('expired'), headers: HEADERS }
  expect(() => deny(denial, context, moduleRef)).toThrow(MaskinportenDeniedException)
  expect(response.headers).toEqual(headers)
})

it('the extensions of a MaskinportenDeniedException contain status, code, reason, and any challenge', () => {
  expect(new MaskinportenDeniedException(refusal('expired')).extensions).toStrictEqual({
    status: 401,
    code: 'invalid_token',
    reason: 'expired',
    challenge: 'Bearer realm="maskinporten", error="invalid_token"',
  })
  expect(new MaskinportenDeniedException(refusal('consumer_not_allowed')).extensions).toStrictEqual({
    status: 403,
    code: 'access_denied',
    reason: 'consumer_not_allowed',
  })
})
