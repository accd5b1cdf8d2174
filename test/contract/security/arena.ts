import type { MaskinportenReason } from '@portvakt/core'
import { expect } from 'vitest'
import type { Host, RawHeaders, Running } from '../conformance/host.js'
import { answerTo } from './answers.js'
import { outboundDuring } from './egress.js'
import { createStage, type Prepared } from './stage.js'
import { type RawAnswer, type RawRequest, Wire } from './wire.js'

/** The effects of one request. */
export interface Outcome {
  readonly answer: RawAnswer
  readonly handled: number
  /**
   * Outbound traffic and file access during the request. Fetches of keys do not appear here, because they are
   * answered in this process.
   */
  readonly outbound: readonly string[]
  readonly fetches: number
  /** The reasons that the validator reported, in order. Undefined for an allowed request. */
  readonly reported: readonly (MaskinportenReason | undefined)[]
}

/** A host under attack over one connection. */
export class Arena {
  readonly #stage: ReturnType<typeof createStage>
  readonly #running: Running
  readonly #wire: Wire

  private constructor(stage: ReturnType<typeof createStage>, running: Running) {
    this.#stage = stage
    this.#running = running
    this.#wire = new Wire(running.port)
  }

  static async open(host: Host, { validator }: Prepared): Promise<Arena> {
    const stage = createStage(validator)
    return new Arena(stage, await host.start(stage))
  }

  /**
   * Sends a few requests first, so that files that a framework loads lazily are not attributed to an attack.
   */
  async warmUp(goodHeaders: RawHeaders, prepared: Prepared): Promise<void> {
    const form: RawHeaders = [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Content-Length', '3'],
    ]
    await this.send({ method: 'GET', target: '/read', headers: goodHeaders }, prepared)
    await this.send({ method: 'GET', target: '/read', headers: [] }, prepared)
    await this.send({ method: 'POST', target: '/read', headers: form, body: 'a=b' }, prepared)
  }

  async send(request: RawRequest, { validator, fetches, events }: Prepared): Promise<Outcome> {
    this.#stage.use(validator)
    await this.#wire.open()
    this.#stage.takeHandled()
    const [fetched, reported] = [fetches(), events.length]
    const answers: RawAnswer[] = []
    const outbound = await outboundDuring(async () => answers.push(await this.#wire.send(request)))
    const [answer] = answers
    if (!answer) throw new Error('The connection returned no answer')
    return {
      answer,
      outbound,
      handled: this.#stage.takeHandled(),
      fetches: fetches() - fetched,
      reported: events.slice(reported).map(({ reason }) => reason),
    }
  }

  async close(): Promise<void> {
    this.#wire.close()
    await this.#running.close()
  }
}

/** The `detail` of the first answer for each reason. */
const details = new Map<string, unknown>()

/** Compares status, challenge, caching and body with the table in answers.ts. */
export function expectAnswer({ answer }: Pick<Outcome, 'answer'>, reason: MaskinportenReason): void {
  const { status, title, code, challenge } = answerTo(reason)
  const valuesOf = (wanted: string) =>
    answer.headers.flatMap(([name, value]) => (name === wanted ? [value] : []))
  expect({ status: answer.status, body: answer.body }).toMatchObject({
    status,
    body: expect.stringContaining(`"${reason}"`),
  })
  expect(valuesOf('www-authenticate')).toEqual(challenge === undefined ? [] : [challenge])
  expect(valuesOf('cache-control')).toEqual(['no-store'])
  expect(valuesOf('content-type')).toEqual([
    expect.stringMatching(/^application\/problem\+json(; charset=utf-8)?$/),
  ])
  expect(valuesOf('retry-after')).toEqual(
    code === 'temporarily_unavailable' ? [expect.stringMatching(/^[1-9]\d*$/)] : [],
  )
  const { detail, ...body } = JSON.parse(answer.body)
  expect(body).toEqual({ title, status, code, reason })
  if (!details.has(reason)) details.set(reason, detail)
  // `detail` must depend only on the reason, not on the request or the host.
  expect(detail).toBe(details.get(reason))
  expect(detail).toMatch(/^[\x20-\x7e]+$/)
}
