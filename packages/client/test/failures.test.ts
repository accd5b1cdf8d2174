import { beforeEach, describe, expect, it, test } from 'vitest'
import { canned, createKit, errorOf, type Kit, SCOPE, settle } from './kit.js'

let kit: Kit
beforeEach(async () => {
  kit = await createKit()
})

describe('a failing Maskinporten', () => {
  const failOnce = (response: () => Promise<Response>) => {
    kit.answer = () => {
      kit.answer = async () => canned(kit.clock)
      return response()
    }
  }

  async function afterPause<T>(work: Promise<T>, seconds: number): Promise<T> {
    await settle()
    kit.clock.advance(seconds)
    return work
  }

  test.each<[string, number, () => Promise<Response>]>([
    ['a fault of the network', 0.2, () => Promise.reject(new TypeError('fetch failed'))],
    ['a 500', 0.2, async () => new Response('oops', { status: 500 })],
    [
      'a 429 that names a time',
      3,
      async () => new Response('', { status: 429, headers: { 'retry-after': '3' } }),
    ],
  ])('a request is repeated after %s, with a new assertion', async (_title, seconds, response) => {
    failOnce(response)
    await expect(afterPause(kit.client().getToken({ scope: SCOPE }), seconds)).resolves.toBeDefined()
    expect(kit.requests).toBe(2)
  })

  it('retries end when Retry-After exceeds the remaining time', async () => {
    failOnce(async () => new Response('', { status: 429, headers: { 'retry-after': '60' } }))
    expect(await errorOf(kit.client().getToken({ scope: SCOPE }))).toMatchObject({
      status: 429,
      retryAfter: 60,
    })
  })

  it('a hanging request ends after the time for one attempt', async () => {
    failOnce(() => new Promise(() => undefined))
    const work = kit.client().getToken({ scope: SCOPE })
    await settle()
    kit.clock.advance(5)
    await expect(afterPause(work, 0.2)).resolves.toBeDefined()
  })

  test.each<[string, string, number, object, RegExp]>([
    ['MP-250', 'nav:others', 400, {}, /has not granted your organisation this scope/],
    ['MP-200', 'nav:unknown', 400, {}, /not registered on this client/],
    ['MP-251', SCOPE, 403, { consumerOrg: '889640782' }, /has not delegated/],
  ])(
    'refusing with %s is asked once, and the error says what to do',
    async (code, scope, status, customer, hint) => {
      const client =
        'consumerOrg' in customer ? kit.client().for(customer as { consumerOrg: string }) : kit.client()
      const error = await errorOf(client.getToken({ scope }))
      expect(error).toMatchObject({
        code: 'request_rejected',
        maskinportenCode: code,
        status,
        retryable: false,
        hint: { cause: expect.stringMatching(hint) },
      })
      expect(kit.requests).toBe(1)
    },
  )

  test.each<[string, () => Response]>([
    ['a login page', () => new Response('<html>')],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://evil.example/' } })],
    ['no lifetime', () => Response.json({ access_token: 'x', token_type: 'Bearer' })],
    ['another kind of token', () => Response.json({ access_token: 'x', token_type: 'DPoP', expires_in: 60 })],
    ['a 404', () => new Response('', { status: 404 })],
    ['a body without end', () => new Response(endless())],
  ])('answering with %s is an unexpected answer', async (_title, response) => {
    failOnce(async () => response())
    expect(await errorOf(kit.client().getToken({ scope: SCOPE }))).toMatchObject({
      code: 'unexpected_answer',
      retryable: false,
    })
  })
})

/** Fails the test by never ending, if it is read whole. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) })
}
