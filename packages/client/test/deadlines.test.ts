import { describe, expect, it, test } from 'vitest'
import { deferred, never } from '../../core/test/deferred.js'
import type { ClientKey, MaskinportenClient } from '../src/index.js'
import { issued, kit, pass, SCOPE, settle, useKit } from './kit.js'

type Sign = Extract<ClientKey, { readonly sign: unknown }>['sign']

useKit()

/** Returns the kit's key behind a KMS, which can delay the `sign` function or never call it. */
const keyWith = (kms: (sign: Sign, data: Uint8Array) => ReturnType<Sign>): ClientKey => ({
  ...kit.identity.key,
  sign: (data) => kms(kit.identity.key.sign, data),
})

/** Returns the seconds until a call ended, and its error. The object is empty until the call ends. */
function timed(work: Promise<unknown>) {
  const startedAt = kit.clock.elapsed()
  const outcome: { seconds?: number; failed?: unknown } = {}
  const end = (failure: object) =>
    void Object.assign(outcome, { seconds: (kit.clock.elapsed() - startedAt) / 1000, ...failure })
  work.then(
    () => end({}),
    (failed: unknown) => end({ failed }),
  )
  return outcome
}

describe('a hanging `sign` function', () => {
  it('when `sign` hangs, every waiting caller is rejected at the total timeout, and the next call signs again', async () => {
    let isDown = true
    const key = keyWith((sign, data) => (isDown ? never() : sign(data)))
    const client = kit.client({ key, totalTimeout: 0.6 })
    const first = timed(client.getToken({ scope: SCOPE }))
    const joined = timed(client.getToken({ scope: SCOPE }))
    await pass(kit.clock, 1)
    const expected = { seconds: 0.6, failed: { code: 'signing_failed', retryable: true } }
    expect([first, joined]).toMatchObject([expected, expected])
    isDown = false
    expect((await client.getToken({ scope: SCOPE })).accessToken).toMatch(/^ey/)
  })

  it('no token request is sent when `sign` settles after the deadline of the attempt', async () => {
    const recovery = deferred<void>()
    const key = keyWith((sign, data) => recovery.promise.then(() => sign(data)))
    const outcome = timed(kit.client({ key, totalTimeout: 0.6 }).getToken({ scope: SCOPE }))
    await pass(kit.clock, 1)
    expect(outcome.failed).toMatchObject({ code: 'signing_failed' })
    recovery.resolve()
    await settle()
    expect(kit.requests).toBe(0)
  })
})

describe('the deadline of an attempt', () => {
  /** Waits by the clock of the kit. */
  const wait = (seconds: number) =>
    new Promise<void>((resolve) => void kit.clock.after(seconds * 1000, resolve))

  const slowKey = () => keyWith((sign, data) => wait(3).then(() => sign(data)))
  const metadata = () => ({ issuer: kit.mock.issuer, token_endpoint: `${kit.mock.issuer}token` })
  const byMetadata = () => kit.clientByMetadata({ totalTimeout: 5 })
  const bySlowKey = () => kit.client({ key: slowKey(), totalTimeout: 5 })

  test.each<[string, () => MaskinportenClient, () => Response]>([
    ['metadata', byMetadata, () => Response.json(metadata())],
    ['the signature', bySlowKey, () => issued()],
  ])('one deadline covers %s and the token request together', async (_title, client, answer) => {
    kit.answer = () => wait(3).then(answer)
    const outcome = timed(client().getToken({ scope: SCOPE }))
    await settle()
    await pass(kit.clock, 6)
    expect(outcome).toMatchObject({ seconds: 5, failed: { code: 'unavailable', retryable: true } })
  })

  it('after the deadline of an attempt, the bodies of late and unfinished answers are cancelled', async () => {
    const cancelled: string[] = []
    const answerWith = (name: string) =>
      new Response(new ReadableStream({ cancel: () => void cancelled.push(name) }, { highWaterMark: 0 }))
    const arrival = deferred<void>()
    for (const answer of [
      () => arrival.promise.then(() => answerWith('late')),
      async () => answerWith('unfinished'),
    ]) {
      kit.answer = answer
      const outcome = timed(kit.client({ totalTimeout: 1 }).getToken({ scope: SCOPE }))
      await pass(kit.clock, 1)
      expect(outcome.seconds).toBe(1)
    }
    arrival.resolve()
    await settle()
    expect(cancelled.sort()).toEqual(['late', 'unfinished'])
  })
})

it('the default timeouts are 5 s for an attempt and 15 s in total', async () => {
  const attempts: number[] = []
  const startedAt = kit.clock.elapsed()
  const busy = () => new Response('', { status: 503, headers: { 'retry-after': '6' } })
  kit.answer = () => {
    attempts.push((kit.clock.elapsed() - startedAt) / 1000)
    return attempts.length === 2 ? Promise.resolve(busy()) : never()
  }
  const outcome = timed(kit.client().getToken({ scope: SCOPE }))
  await pass(kit.clock, 20)
  expect(attempts).toEqual([0, 5.2, 11.2])
  expect(outcome).toMatchObject({ seconds: 15, failed: { code: 'unavailable' } })
})
