import { expect, it } from 'vitest'
import { MaskinportenClientError } from '../src/index.js'
import { createKit, issued, SCOPE, settle } from './kit.js'

/** Seconds of simulated time: one day by default; less where mutation testing repeats the test. */
const DAY = Number(process.env['STORY_SECONDS'] ?? 86_400)

/** The seed of pseudo-random numbers that are the same in every run. */
let seed = 42
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

it('over a day of one-minute tokens and random faults, no caller gets an expired token or waits while a renewal could succeed', async () => {
  const kit = await createKit()
  const client = kit.client({ random })
  let failed = true
  kit.answer = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    const fault = random()
    failed = fault < 0.2
    if (fault < 0.1) throw new TypeError('fetch failed')
    if (failed) return new Response('busy', { status: 503 })
    // The text of each token is the time at which it expires.
    return issued({ access_token: String(kit.clock.now() / 1000 + 60) })
  }
  const seen = { expired: 0, issued: 0, waited: 0, waitedInVain: 0 }
  for (let time = 0; time < DAY; time += 3) {
    kit.clock.advance(3)
    await settle()
    const latestFailed = failed
    let answered = false
    client.getToken({ scope: SCOPE }).then(
      ({ accessToken }) => {
        answered = true
        seen.issued++
        if (Number(accessToken) <= kit.clock.now() / 1000) seen.expired++
      },
      (error: unknown) => expect(error).toBeInstanceOf(MaskinportenClientError),
    )
    // A cached token resolves within microtasks; a fetched token needs a turn of the event loop.
    for (let step = 0; step < 50; step++) await Promise.resolve()
    if (!answered) seen.waited++
    if (!answered && !latestFailed) seen.waitedInVain++
    await settle()
  }
  expect(seen).toMatchObject({ expired: 0, waitedInVain: 0 })
  expect(seen.issued).toBeGreaterThan(0.97 * (DAY / 3))
  // A caller waits only after five failed renewals in a row. Fewer than one caller in a thousand waits.
  expect(seen.waited).toBeLessThan(DAY / 3000 + 1)
}, 120_000)
