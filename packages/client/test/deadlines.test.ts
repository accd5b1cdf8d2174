import { beforeEach, describe, expect, it, test } from 'vitest'
import type { ClientKey, Fetch } from '../src/index.js'
import { canned, createKit, errorOf, type Kit, pass, SCOPE, settle } from './kit.js'

type Sign = Extract<ClientKey, { readonly sign: unknown }>['sign']

let kit: Kit
beforeEach(async () => {
  kit = await createKit()
})

const never = () => new Promise<never>(() => undefined)

/** The sign function of the kit, and what a KMS makes of it. */
function keyWith(kms: (sign: Sign, data: Uint8Array) => ReturnType<Sign>): ClientKey {
  const { key } = kit.options
  if (!key || !('sign' in key)) throw new Error('The kit signs by a function')
  return { ...key, sign: (data) => kms(key.sign, data) }
}

/** Seconds until a call ended, and how; undefined while it has not ended. */
function timed(work: Promise<unknown>) {
  const startedAt = kit.clock.elapsed()
  const outcome: { seconds?: number; failed?: unknown } = {}
  const end = () => {
    outcome.seconds = (kit.clock.elapsed() - startedAt) / 1000
  }
  work.then(end, (error: unknown) => {
    end()
    outcome.failed = error
  })
  return outcome
}

describe('a `sign` function that never settles', () => {
  it('ends with the total timeout, and the next call signs again', async () => {
    let isDown = true
    const client = kit.client({
      key: keyWith((sign, data) => (isDown ? never() : sign(data))),
      totalTimeout: 0.6,
    })
    const first = timed(client.getToken({ scope: SCOPE }))
    const joined = timed(client.getToken({ scope: SCOPE }))
    await pass(kit.clock, 1)
    for (const { seconds, failed } of [first, joined]) {
      expect(seconds).toBe(0.6)
      expect(failed).toMatchObject({ code: 'signing_failed', retryable: true })
    }
    isDown = false
    const { accessToken } = await client.getToken({ scope: SCOPE })
    expect(accessToken).toMatch(/^ey/)
  })

  it('ends with the attempt, and the next attempt of the same call signs again', async () => {
    let calls = 0
    const client = kit.client({
      key: keyWith((sign, data) => (++calls === 1 ? never() : sign(data))),
      attemptTimeout: 2,
    })
    const outcome = timed(client.getToken({ scope: SCOPE }))
    await pass(kit.clock, 3)
    // Two seconds of the first attempt, and a pause of at most 0.2.
    expect(outcome).toEqual({ seconds: 2.2 })
    expect([calls, kit.requests]).toEqual([2, 1])
  })

  it('sends nothing when it settles after its attempt has ended', async () => {
    let recover = () => {}
    const recovered = new Promise<void>((resolve) => {
      recover = resolve
    })
    const client = kit.client({
      key: keyWith((sign, data) => recovered.then(() => sign(data))),
      totalTimeout: 0.6,
    })
    const outcome = timed(client.getToken({ scope: SCOPE }))
    await pass(kit.clock, 1)
    expect(outcome.failed).toMatchObject({ code: 'signing_failed' })
    recover()
    await settle()
    expect(kit.requests).toBe(0)
  })

  it('ends a call of `client.fetch`, which has sent nothing to the API', async () => {
    const client = kit.client({ key: keyWith(never), totalTimeout: 0.6 })
    const outcome = timed(client.fetch({ scope: SCOPE })('https://api.example.no/'))
    await pass(kit.clock, 1)
    expect(outcome).toMatchObject({ seconds: 0.6, failed: { code: 'signing_failed' } })
    expect(kit.requests).toBe(0)
  })

  it('during a renewal leaves the token in use, and the renewal is tried again', async () => {
    let isDown = false
    const client = kit.client({
      key: keyWith((sign, data) => (isDown ? never() : sign(data))),
      attemptTimeout: 1,
      totalTimeout: 1,
    })
    const first = await client.getToken({ scope: SCOPE })
    isDown = true
    kit.clock.advance(80)
    expect(await client.getToken({ scope: SCOPE })).toEqual(first)
    await pass(kit.clock, 3)
    isDown = false
    expect(await client.getToken({ scope: SCOPE })).toEqual(first)
    await settle()
    expect((await client.getToken({ scope: SCOPE })).accessToken).not.toBe(first.accessToken)
  })
})

describe('one attempt has one deadline', () => {
  /** Each step takes three of the five seconds. */
  const slow =
    (answer: () => Response): Fetch =>
    () =>
      new Promise((resolve) => void kit.clock.after(3000, () => resolve(answer())))

  /** A byte a second, without an end. */
  const trickling = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise<void>((resolve) => void kit.clock.after(1000, resolve))
          controller.enqueue(new Uint8Array([32]))
        },
      }),
    )

  const byMetadata = () => {
    const { issuer = '', clientId = '', key = { jwk: '' }, clock, fetch, random } = kit.options
    return { issuer, clientId, key, clock, fetch, random } as typeof kit.options
  }

  test.each<[string, () => Promise<unknown>]>([
    [
      'metadata and the token request together',
      () => {
        kit.answer = slow(() =>
          Response.json({ issuer: kit.mock.issuer, token_endpoint: `${kit.mock.issuer}token` }),
        )
        return import('../src/index.js').then(({ createMaskinportenClient }) =>
          createMaskinportenClient({ ...byMetadata(), totalTimeout: 5 }).getToken({ scope: SCOPE }),
        )
      },
    ],
    [
      'a signature and the token request together',
      () => {
        kit.answer = slow(() => canned(kit.clock))
        const key = keyWith(
          (sign, data) =>
            new Promise((resolve) => void kit.clock.after(3000, async () => resolve(await sign(data)))),
        )
        return kit.client({ key, totalTimeout: 5 }).getToken({ scope: SCOPE })
      },
    ],
    [
      'metadata that never comes',
      async () => {
        kit.answer = never
        const { createMaskinportenClient } = await import('../src/index.js')
        return createMaskinportenClient({ ...byMetadata(), totalTimeout: 5 }).getToken({ scope: SCOPE })
      },
    ],
    [
      'a body that trickles',
      () => {
        kit.answer = async () => trickling()
        return kit.client({ totalTimeout: 5 }).getToken({ scope: SCOPE })
      },
    ],
    [
      'a `fetch` that ignores its signal',
      () => {
        kit.answer = never
        return kit.client({ totalTimeout: 5 }).getToken({ scope: SCOPE })
      },
    ],
  ])('for %s', async (_title, call) => {
    const outcome = timed(call())
    await settle()
    await pass(kit.clock, 6)
    expect(outcome).toMatchObject({ seconds: 5, failed: { code: 'unavailable', retryable: true } })
  })

  it('frees the connection of an answer that comes too late, and of a body that has not ended', async () => {
    const cancelled: string[] = []
    const body = (name: string) =>
      new ReadableStream<Uint8Array>({ cancel: () => void cancelled.push(name) }, { highWaterMark: 0 })
    let answerLate = () => {}
    kit.answer = () =>
      new Promise((resolve) => {
        answerLate = () => resolve(new Response(body('late')))
      })
    const late = timed(kit.client({ totalTimeout: 1 }).getToken({ scope: SCOPE }))
    await pass(kit.clock, 1)
    expect(late.seconds).toBe(1)
    answerLate()
    kit.answer = async () => new Response(body('unfinished'))
    const unfinished = timed(kit.client({ totalTimeout: 1 }).getToken({ scope: SCOPE }))
    await pass(kit.clock, 1)
    expect(unfinished.seconds).toBe(1)
    await settle()
    expect(cancelled.sort()).toEqual(['late', 'unfinished'])
  })
})

describe('the total timeout', () => {
  it('ends the last attempt: one that begins at 12 s of 15 ends at 15 s', async () => {
    const attempts: number[] = []
    const startedAt = kit.clock.elapsed()
    kit.answer = () => {
      attempts.push((kit.clock.elapsed() - startedAt) / 1000)
      return attempts.length === 1
        ? Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': '12' } }))
        : never()
    }
    const outcome = timed(kit.client().getToken({ scope: SCOPE }))
    await pass(kit.clock, 20)
    expect(attempts).toEqual([0, 12])
    expect(outcome).toMatchObject({ seconds: 15, failed: { code: 'unavailable' } })
  })

  it('holds for Texas', async () => {
    const { clock, fetch } = kit.options
    kit.answer = never
    const { createMaskinportenClient } = await import('../src/index.js')
    const client = createMaskinportenClient({
      texas: 'http://127.0.0.1:7164/api/v1/token',
      ...(clock && fetch && { clock, fetch }),
      totalTimeout: 0.6,
    })
    const outcome = timed(client.getToken({ scope: SCOPE, skipCache: true }))
    await pass(kit.clock, 1)
    expect(outcome).toMatchObject({ seconds: 0.6, failed: { code: 'unavailable' } })
    kit.answer = async () => canned(kit.clock)
    await expect(client.getToken({ scope: SCOPE, skipCache: true })).resolves.toBeDefined()
  })

  it('frees a shared attempt whose timers never fire: a later call starts its own', async () => {
    // The timers of a request that has ended do not fire on request-scoped runtimes, nor do its promises settle.
    const clock = { ...kit.clock, after: () => () => undefined }
    const client = kit.client({ clock, totalTimeout: 15 })
    kit.answer = never
    const lost = timed(client.getToken({ scope: SCOPE }))
    await pass(kit.clock, 14.9)
    kit.answer = async () => canned(kit.clock)
    const joined = timed(client.getToken({ scope: SCOPE }))
    await pass(kit.clock, 0.1)
    await expect(client.getToken({ scope: SCOPE })).resolves.toBeDefined()
    expect([lost, joined]).toEqual([{}, {}])
  })
})

it('a rejected token whose replacement hangs fails the call within the total timeout', async () => {
  let signs = 0
  const client = kit.client({
    key: keyWith((sign, data) => (++signs === 1 ? sign(data) : never())),
    totalTimeout: 0.6,
  })
  const { answer } = kit
  kit.answer = async (input, init) =>
    String(input).startsWith(kit.mock.issuer) ? answer(input, init) : new Response('', { status: 401 })
  const error = errorOf(client.fetch({ scope: SCOPE })('https://api.example.no/'))
  await pass(kit.clock, 1)
  expect(await error).toMatchObject({ code: 'signing_failed' })
})
