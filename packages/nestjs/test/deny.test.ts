import type { HttpAdapterHost } from '@nestjs/core'
import { describe, expect, it } from 'vitest'
import { setDenialHeaders } from '../src/deny.js'

const PROBLEM = 'application/problem+json'
const HEADERS = { 'cache-control': 'no-store', 'content-type': PROBLEM, 'www-authenticate': 'Bearer' }

/** A response that remembers its headers, and those with which a body was serialised. */
class RecordedResponse {
  readonly headers: Record<string, unknown> = {}
  headersSent = false
  writableEnded = false
  destroyed = false
  serialised: unknown

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

/** What NestJS 11 does on Express before it serialises the body of an error. */
function replyAsNest11(response: RecordedResponse, body: object): string {
  const type = response.headers['content-type']
  if (typeof type === 'string' && !type.startsWith('application/json')) {
    response.setHeader('content-type', 'application/json')
  }
  return response.json(body)
}

describe('the headers of a denial', () => {
  it('are all on the response', () => {
    const response = new RecordedResponse()
    setDenialHeaders(adapter('fastify'), response, HEADERS)
    expect(response.headers).toEqual(HEADERS)
  })

  it('keep their type on Express, which NestJS 11 would replace', () => {
    const response = new RecordedResponse()
    setDenialHeaders(adapter('express'), response, HEADERS)
    expect(replyAsNest11(response, { code: 'missing_token' })).toBe('sent')
    expect(response.serialised).toEqual({ body: { code: 'missing_token' }, headers: HEADERS })
  })

  it('keep their type on Express also for a filter that writes the body itself', () => {
    const response = new RecordedResponse()
    setDenialHeaders(adapter('express'), response, HEADERS)
    // Node writes a list of one as it writes the one.
    expect(response.headers).toEqual({ ...HEADERS, 'content-type': [PROBLEM] })
  })

  it('replace those of another body', () => {
    const response = new RecordedResponse()
    response.setHeader('content-encoding', 'gzip')
    response.setHeader('transfer-encoding', 'chunked')
    setDenialHeaders(adapter('fastify'), response, HEADERS)
    expect(response.headers).toEqual(HEADERS)
  })

  it('leave a finished answer unchanged', () => {
    const response = new RecordedResponse()
    const { json } = response
    response.headersSent = true
    response.writableEnded = true
    setDenialHeaders(adapter('express'), response, HEADERS)
    expect([response.headers, response.json, response.destroyed]).toEqual([{}, json, false])
  })

  it('break an answer off whose headers are already sent', () => {
    const response = new RecordedResponse()
    response.headersSent = true
    setDenialHeaders(adapter('express'), response, HEADERS)
    expect([response.headers, response.destroyed]).toEqual([{}, true])
  })

  it('leave a finished reply of Fastify, and have it send nothing', () => {
    const raw = new RecordedResponse()
    raw.headersSent = true
    raw.writableEnded = true
    let hijacked = 0
    setDenialHeaders(adapter('fastify'), { raw, hijack: () => hijacked++ }, HEADERS)
    expect([raw.headers, raw.destroyed, hijacked]).toEqual([{}, false, 1])
  })

  it('break the response off behind a reply of Fastify, which then sends nothing', () => {
    const raw = new RecordedResponse()
    raw.headersSent = true
    let hijacked = 0
    setDenialHeaders(adapter('fastify'), { raw, hijack: () => hijacked++ }, HEADERS)
    expect([raw.headers, raw.destroyed, hijacked]).toEqual([{}, true, 1])
  })
})
