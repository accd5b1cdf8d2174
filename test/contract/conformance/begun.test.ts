import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createMaskinportenValidator } from '@portvakt/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../../../packages/core/test/deferred.js'
import { mock, READ } from '../adapter-world.js'
import { BROKEN_OFF, type Call, overHttp1, overHttp2, overHttp10 } from './begun/outcome.js'
import type { Running } from './host.js'
import { BEGUN_HOSTS } from './hosts.js'

const token = await mock.issueToken({ scope: READ })

/** Test code that receives the response: `before` runs before the guard, `during` while the guard waits. */
let before: (response: ServerResponse) => void
let during: (response: ServerResponse) => unknown
let allowed: boolean
let handled: number
/** Resolves when the guard has acted on its decision. */
let decided = deferred<void>()
/** Resolves when the caller has received the headers. */
let received = deferred<void>()
beforeEach(() => {
  before = () => undefined
  during = () => undefined
  handled = 0
  decided = deferred()
  received = deferred()
})

const TIMES = ['before the guard', 'while the guard waits'] as const
const PROTOCOLS = {
  'HTTP/1': { 'HTTP/1.1': overHttp1, 'HTTP/1.0': overHttp10 },
  'HTTP/2': { 'HTTP/2': overHttp2 },
} as const
const ROWS = BEGUN_HOSTS.flatMap((host) =>
  Object.entries(PROTOCOLS[host.protocol]).map(([over, call]) => ({ ...host, over, call })),
)

// Silences @hono/node-server, which prints an error for a response that it cannot write.
vi.spyOn(console, 'error').mockImplementation(() => undefined)

describe.each(ROWS)(
  'a response that has started, on $name over $over',
  ({ name, start, over, call, isWeb }) => {
    const on = `on ${name} over ${over}`
    let running: Running
    beforeAll(async () => {
      let response: ServerResponse
      running = await start({
        validator: createMaskinportenValidator({
          issuer: mock.issuer,
          fetch: mock.fetch,
          onDecision: () => void setImmediate(decided.resolve),
        }),
        requirement: {
          scope: READ,
          authorize: async () => {
            await during(response)
            return allowed
          },
        },
        before: (one) => {
          response = one
          before(one)
        },
        handle: (one) => {
          handled++
          if (!one.headersSent) one.statusCode = 200
          one.end('handled')
        },
      })
    })
    afterAll(() => running.close())
    const send = (overrides: Partial<Call> = {}) => {
      const left = new AbortController().signal
      return call({ port: running.port, token, left, onHeaders: received.resolve, ...overrides })
    }
    /** Sends the headers and a part of the body. */
    const begin = (response: ServerResponse) => void response.writeHead(200).write('begun, ')

    test.each(TIMES)(`${on}, an allowed request is handled if the response has begun %s`, async (when) => {
      allowed = true
      if (when === 'before the guard') before = begin
      else during = begin
      expect([await send(), handled]).toEqual(['200 begun, handled', 1])
    })

    test.each(TIMES)(`${on}, a refusal ends the connection if the response has begun %s`, async (when) => {
      allowed = false
      if (when === 'before the guard') before = begin
      during = async (response) => {
        if (when === 'while the guard waits') begin(response)
        // Waits for the headers: if the connection reset arrived together with the last bytes, Node's client
        // would report a complete answer.
        await received.promise
      }
      expect([await send(), handled]).toEqual([BROKEN_OFF, 0])
    })

    describe.skipIf(isWeb).each([true, false])('a response that has ended (token allowed: %j)', (verdict) => {
      beforeEach(() => {
        allowed = verdict
      })

      test.each(TIMES)(
        `${on}, the guard does nothing if the response ended %s (token allowed: ${verdict})`,
        async (when) => {
          const end = (response: ServerResponse) => {
            response.statusCode = 504
            response.end('late')
          }
          if (when === 'before the guard') before = end
          else during = end
          expect(await send()).toBe('504 late')
          if (when === 'while the guard waits') await decided.promise
          expect(handled).toBe(0)
        },
      )

      test.each(['unsent', 'sent'])(
        `${on}, the guard does nothing if the caller disconnects while the guard waits (headers %s, token allowed: ${verdict})`,
        async (headers) => {
          const left = new AbortController()
          during = async (response) => {
            if (headers === 'sent') response.writeHead(200).flushHeaders()
            const closed = once(response, 'close')
            left.abort()
            await closed
          }
          expect(await send({ left: left.signal })).toBe(BROKEN_OFF)
          await decided.promise
          expect(handled).toBe(0)
        },
      )
    })

    // `transfer-encoding` is not tested on HTTP/2, which has no transfer codings. For Hono, the tests of
    // @portvakt/hono cover these headers.
    const unsent: readonly [string, string][] = [
      ['content-length', '3'],
      ['content-length', '3000'],
      ['content-encoding', 'gzip'],
      ['transfer-encoding', 'chunked'],
    ]
    test.each(unsent.filter(([header]) => !isWeb && (over !== 'HTTP/2' || header !== 'transfer-encoding')))(
      `${on}, a refusal arrives complete although the header \`%s: %s\` was set for another body`,
      async (header, value) => {
        let response: ServerResponse | undefined
        before = (one) => {
          response = one.setHeader(header, value)
        }
        expect(await send({ token: undefined })).toMatch(/^401 \{.*\}$/)
        expect([response?.getHeader('content-encoding'), handled]).toEqual([undefined, 0])
      },
    )
  },
)
