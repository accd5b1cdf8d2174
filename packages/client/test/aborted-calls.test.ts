import { once } from 'node:events'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { deferred, never } from '../../core/test/deferred.js'
import type { Fetch } from '../src/index.js'
import { kit, settle, useKit } from './kit.js'

const API = 'https://api.example.no/'

useKit()

describe('an abort by the caller', () => {
  const reason = new Error('enough')
  let controller: AbortController
  let signal: AbortSignal
  beforeEach(() => {
    controller = new AbortController()
    signal = controller.signal
  })

  it('an aborted call rejects with the abort’s reason, not with the error of `fetch`', async () => {
    const api = vi.fn<Fetch>((_input, init) => {
      const aborted = once(init?.signal ?? signal, 'abort')
      return aborted.then(() => Promise.reject(new Error('aborted, with a token')))
    })
    const work = kit.callTo(api)(API, { signal })
    while (api.mock.calls.length === 0) await settle()
    controller.abort(reason)
    await expect(work).rejects.toBe(reason)
  })

  it('a call that is aborted before it begins fetches no token', async () => {
    await expect(kit.callTo(never)(API, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/)
    expect(kit.requests).toBe(0)
  })

  it('when a call is aborted while its request body is read, no token is fetched', async () => {
    // Simulates a body from a file on a disk that does not answer: the body never arrives.
    const read = vi.spyOn(Request.prototype, 'arrayBuffer').mockImplementation(never)
    const work = kit.callTo(never)(API, { method: 'POST', body: 'hei', signal })
    await settle()
    controller.abort(reason)
    await expect(work).rejects.toBe(reason)
    read.mockRestore()
    expect(kit.requests).toBe(0)
  })

  it('when a call that waits for a shared token is aborted, other callers still get the token', async () => {
    const issuing = deferred<void>()
    const { answer } = kit
    kit.answer = (...given) => issuing.promise.then(() => answer(...given))
    const skatt = kit.callTo(async () => new Response('ok'))
    const [aborted, other] = [skatt(API, { signal }), skatt(API)]
    await settle()
    expect(kit.requests).toBe(1)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    issuing.resolve()
    expect((await other).status).toBe(200)
    // The first request is for the token, and the second is the call of the API.
    expect(kit.requests).toBe(2)
  })

  it('when a call is aborted before its rejected token is replaced, no further request is sent', async () => {
    const api = vi.fn<Fetch>(async () => {
      controller.abort(reason)
      return new Response('', { status: 401 })
    })
    await expect(kit.callTo(api)(API, { signal })).rejects.toBe(reason)
    expect(api).toHaveBeenCalledTimes(1)
    expect(kit.requests).toBe(2)
  })
})

it('a body that is a Node stream is streamed in one request, not read in advance', async () => {
  async function* endless() {
    yield new Uint8Array([1])
    await never()
  }
  const api = vi.fn<Fetch>(async (_input, init) => {
    const { body } = init ?? {}
    if (!(body instanceof ReadableStream)) throw new Error('The body is not a stream')
    expect((await body.getReader().read()).value).toEqual(new Uint8Array([1]))
    return new Response('', { status: 401 })
  })
  // Node's `fetch` sends these bodies, although the type of `fetch` excludes them.
  const body = Readable.from(endless()) as unknown as ReadableStream
  const response = await kit.callTo(api)(API, { method: 'POST', duplex: 'half', body } as RequestInit)
  expect(response.status).toBe(401)
  expect(api).toHaveBeenCalledTimes(1)
})
