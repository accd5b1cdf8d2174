import { once } from 'node:events'
import { connect } from 'node:net'
import type { MaskinportenReason } from '@portvakt/core'
import { afterAll, beforeAll } from 'vitest'
import { authorization } from '../conformance/case.js'
import type { Host, Running } from '../conformance/host.js'
import { formHeaders } from './attack.js'
import { outboundDuring } from './egress.js'
import type { Forge } from './forge.js'
import { createStage, type Prepared } from './stage.js'
import { type RawAnswer, type RawRequest, sendRaw } from './wire.js'

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

/**
 * Serves a host during the tests of the current `describe`. The returned function sends a request to the host
 * (by default, `GET /read` without a token), decided by the given validator or by the usual one.
 */
export function serveHost(host: Host, forge: Forge, usual: Prepared) {
  const stage = createStage(usual.validator)
  let running: Running

  async function send(request: Partial<RawRequest>, prepared = usual): Promise<Outcome> {
    const { validator, fetches, events } = prepared
    stage.use(validator)
    const socket = connect(running.port, '127.0.0.1')
    await once(socket, 'connect')
    const [fetched, reported] = [fetches(), events.length]
    const answers: RawAnswer[] = []
    const raw = { method: 'GET', target: '/read', headers: [], ...request }
    const outbound = await outboundDuring(async () => answers.push(await sendRaw(socket, raw)))
    const [answer] = answers
    if (!answer) throw new Error('The connection returned no answer')
    return {
      answer,
      outbound,
      handled: stage.takeHandled(),
      fetches: fetches() - fetched,
      reported: events.slice(reported).map(({ reason }) => reason),
    }
  }

  beforeAll(async () => {
    running = await host.start(stage)
    // Without these requests, files that a framework loads lazily would be attributed to an attack.
    await send({ headers: authorization(`Bearer ${forge.token()}`) })
    await send({})
    await send({ method: 'POST', headers: formHeaders('a=b'), body: 'a=b' })
  })
  afterAll(() => running.close())
  return send
}
