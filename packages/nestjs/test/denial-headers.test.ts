import type { HttpAdapterHost } from '@nestjs/core'
import { describe, expect, it } from 'vitest'
import { setDenialHeaders } from '../src/denial-headers.js'

const PROBLEM = 'application/problem+json'
const HEADERS = { 'cache-control': 'no-store', 'content-type': PROBLEM, 'www-authenticate': 'Bearer' }

/** A response that remembers its headers, and those with which a body was serialised. */
class RecordedResponse {
  readonly headers: Record<string, unknown> = {}
  serialised: unknown

  setHeader(name: string, value: unknown): void {
    this.headers[name] = value
  }

  json(body: unknown): string {
    this.serialised = { body, headers: { ...this.headers } }
    return 'sent'
  }
}

const adapter = (type: string, isSent = false) =>
  ({
    getType: () => type,
    isHeadersSent: () => isSent,
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

  it('leave a response as it is that has been answered meanwhile', () => {
    const response = new RecordedResponse()
    const { json } = response
    setDenialHeaders(adapter('express', true), response, HEADERS)
    expect([response.headers, response.json]).toEqual([{}, json])
  })
})
