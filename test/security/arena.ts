import type { MaskinportenReason } from '@portvakt/core'
import { expect } from 'vitest'
import type { Host, RawHeaders, Running } from '../conformance/host.js'
import { answerTo } from './answers.js'
import { outboundDuring } from './egress.js'
import { createStage, type Prepared, type Stage } from './stage.js'
import { type RawAnswer, type RawRequest, Wire } from './wire.js'

/** What happened to one request. */
export interface Outcome {
  readonly answer: RawAnswer
  /** How many handlers ran. */
  readonly handled: number
  /** What left the process meanwhile; fetches of keys stay in it. */
  readonly outbound: readonly string[]
  readonly fetches: number
  /** Every reason that the validator told of. */
  readonly told: readonly (MaskinportenReason | undefined)[]
}

/** One host that is attacked over one connection. */
export class Arena {
  readonly #stage: Stage
  readonly #running: Running
  readonly #wire: Wire

  private constructor(stage: Stage, running: Running) {
    this.#stage = stage
    this.#running = running
    this.#wire = new Wire(running.port)
  }

  static async open(host: Host, { validator }: Prepared): Promise<Arena> {
    const stage = createStage(validator)
    return new Arena(stage, await host.start(stage))
  }

  /** What a framework loads with its first requests is not what an attack made it reach for. */
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
    const [fetched, told] = [fetches(), events.length]
    const answers: RawAnswer[] = []
    const outbound = await outboundDuring(async () => answers.push(await this.#wire.send(request)))
    const [answer] = answers
    if (!answer) throw new Error('The wire has an answer or throws')
    return {
      answer,
      outbound,
      handled: this.#stage.takeHandled(),
      fetches: fetches() - fetched,
      told: events.slice(told).map(({ reason }) => reason),
    }
  }

  async close(): Promise<void> {
    this.#wire.close()
    await this.#running.close()
  }
}

/** What each reason has been answered with, by whichever host answered first. */
const details = new Map<string, unknown>()

/** Holds an answer against the table: status, challenge, caching and body, each exactly. */
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
  // One reason, one text: whatever the request, and whichever host.
  expect(detail).toBe(details.get(reason))
  expect(detail).toMatch(/^[\x20-\x7e]+$/)
}
