import type { HttpAdapterHost } from '@nestjs/core'
import { describe, expect, it } from 'vitest'
import { setDenialHeaders } from '../src/deny.js'

const PROBLEM = 'application/problem+json'
const HEADERS = { 'cache-control': 'no-store', 'content-type': PROBLEM, 'www-authenticate': 'Bearer' }

/** A response that records its headers, and a copy of them when a body is serialised. */
class RecordedResponse {
  readonly headers: Record<string, unknown> = {}
  readonly headersSent: boolean
  readonly writableEnded: boolean
  destroyed = false
  serialised: unknown

  constructor({ headersSent = false, writableEnded = false } = {}) {
    this.headersSent = headersSent
    this.writableEnded = writableEnded
  }

  setHeader(name: string, value: unknown): void {
    this.headers[name] = value
  }

  removeHeader(name: string): void {
    delete this.headers[name]
  }

  destroy(): void {
    this.destroyed = true
  }

  json(body: unknown): string {
    this.serialised = { body, headers: { ...this.headers } }
    return 'sent'
  }
}

const adapter = (type: string) =>
  ({
    getType: () => type,
    setHeader: (response: RecordedResponse, name: string, value: string) => response.setHeader(name, value),
  }) as unknown as HttpAdapterHost['httpAdapter']

/** Changes the content type as NestJS 11 on Express does before it serialises the body of an error. */
function replyAsNest11(response: RecordedResponse, body: object): string {
  const type = response.headers['content-type']
  if (typeof type === 'string' && !type.startsWith('application/json')) {
    response.setHeader('content-type', 'application/json')
  }
  return response.json(body)
}

describe('setDenialHeaders', () => {
  it('a denial keeps the content type that NestJS 11 on Express would replace', () => {
    const response = new RecordedResponse()
    setDenialHeaders(adapter('express'), response, HEADERS)
    expect(replyAsNest11(response, { code: 'missing_token' })).toBe('sent')
    expect(response.serialised).toEqual({ body: { code: 'missing_token' }, headers: HEADERS })
  })

  it('setDenialHeaders sets the content type on Express in a form that filters can send', () => {
    const response = new RecordedResponse()
    setDenialHeaders(adapter('express'), response, HEADERS)
    // Node writes a list with one entry like a string.
    expect(response.headers).toEqual({ ...HEADERS, 'content-type': [PROBLEM] })
  })

  it('setDenialHeaders sets every header, and removes headers that describe another body', () => {
    const response = new RecordedResponse()
    response.setHeader('content-encoding', 'gzip')
    response.setHeader('transfer-encoding', 'chunked')
    setDenialHeaders(adapter('fastify'), response, HEADERS)
    expect(response.headers).toEqual(HEADERS)
  })

  describe.each([
    ['does not change a response that has ended', { headersSent: true, writableEnded: true }, false],
    ['ends the connection if headers are already sent', { headersSent: true }, true],
  ])('a response that has started: setDenialHeaders %s', (title, state, destroyed) => {
    it(`on Express, setDenialHeaders ${title}`, () => {
      const response = new RecordedResponse(state)
      const { json } = response
      setDenialHeaders(adapter('express'), response, HEADERS)
      expect([response.headers, response.json, response.destroyed]).toEqual([{}, json, destroyed])
    })

    it(`on Fastify, setDenialHeaders hijacks the reply and ${title}`, () => {
      const raw = new RecordedResponse(state)
      let hijacked = 0
      setDenialHeaders(adapter('fastify'), { raw, hijack: () => hijacked++ }, HEADERS)
      expect([raw.headers, raw.destroyed, hijacked]).toEqual([{}, destroyed, 1])
    })
  })
})
