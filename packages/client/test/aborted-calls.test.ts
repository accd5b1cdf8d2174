import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { Fetch } from '../src/index.js'
import { createKit, type Kit, SCOPE, settle } from './kit.js'

const API = 'https://api.example.no/'
const never = () => new Promise<never>(() => undefined)

let kit: Kit
beforeEach(async () => {
  kit = await createKit()
})

/** A call of an API behind the given `fetch`; tokens come from the mock. */
function callTo(api: Fetch): Fetch {
  const { answer } = kit
  kit.answer = (...given) => (String(given[0]).startsWith(kit.mock.issuer) ? answer : api)(...given)
  return kit.client().fetch({ scope: SCOPE })
}

/** Streams that the types of `fetch` do not know, and Node's `fetch` sends. */
const upload = (stream: AsyncIterable<unknown>, signal?: AbortSignal) =>
  ({ method: 'POST', duplex: 'half', body: stream as unknown as ReadableStream, signal }) as RequestInit

async function* neverEnding() {
  yield new Uint8Array([1])
  await never()
}

describe('an abort by the caller', () => {
  const reason = new Error('enough')

  test.each<[string, Fetch]>([
    ['ignores its signal', never],
    [
      'fails because of it',
      (_input, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted, with a token')))
        }),
    ],
  ])('the call rejects with the abort’s reason where `fetch` %s', async (_title, fetch) => {
    const api = vi.fn(fetch)
    const controller = new AbortController()
    const work = callTo(api)(API, { signal: controller.signal })
    while (api.mock.calls.length === 0) await settle()
    controller.abort(reason)
    await expect(work).rejects.toBe(reason)
  })

  it('a body that cannot be read ends the call before a token is fetched', async () => {
    const controller = new AbortController()
    // As of a file on a disk that does not answer.
    const read = vi.spyOn(Request.prototype, 'arrayBuffer').mockImplementation(never)
    const work = callTo(never)(API, { method: 'POST', body: 'hei', signal: controller.signal })
    await settle()
    controller.abort(reason)
    await expect(work).rejects.toBe(reason)
    read.mockRestore()
    expect(kit.requests).toBe(0)
  })

  it('an abort between a rejected token and its replacement sends no further request', async () => {
    const controller = new AbortController()
    const api = vi.fn<Fetch>(async () => {
      controller.abort(reason)
      return new Response('', { status: 401 })
    })
    await expect(callTo(api)(API, { signal: controller.signal })).rejects.toBe(reason)
    expect(api).toHaveBeenCalledTimes(1)
  })
})

describe('a body that is a stream of another kind', () => {
  test.each<[string, () => AsyncIterable<unknown>]>([
    ['an async iterable', neverEnding],
    ['a stream of Node', () => Readable.from(neverEnding())],
  ])('a stream is sent once, without being read first: %s', async (_title, stream) => {
    const api = vi.fn<Fetch>(async (_input, init) => {
      const { body } = init ?? {}
      if (!(body instanceof ReadableStream)) throw new Error('The body is not a stream')
      const reader = body.getReader()
      expect((await reader.read()).value).toEqual(new Uint8Array([1]))
      return new Response('', { status: 401 })
    })
    const response = await callTo(api)(API, upload(stream()))
    expect(response.status).toBe(401)
    expect(api).toHaveBeenCalledTimes(1)
  })
})
