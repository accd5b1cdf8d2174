import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { AccessRequirement } from '@portvakt/core'
import { authorizationValues, createGuard } from '@portvakt/core/adapter'
import { describe, expect, test } from 'vitest'
import { READ, REQUIREMENTS } from '../conformance/api.js'
import { authorization } from '../conformance/case.js'
import type { Host } from '../conformance/host.js'
import type { Mode } from '../conformance/modes.js'
import { expectAnswer } from './answers.js'
import { type Outcome, serveHost } from './arena.js'
import type { Attack } from './attack.js'
import { CONTROLS } from './controls.js'
import { Forge, PID } from './forge.js'
import { LeakScanner } from './leaks.js'
import { createStage, type Prepared, prepare } from './stage.js'
import { type RawRequest, textOf } from './wire.js'

/** Whether the host has web-standard `Headers`, which join repeated headers into one value. */
export const seesJoined = (host: Host) => /^(fetch\b|Hono on workerd)/.test(host.name)

/** Returns a function that calls `make` only once for each key. */
function memoized<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>()
  return (key) => {
    const value = made.has(key) ? (made.get(key) as Value) : make(key)
    made.set(key, value)
    return value
  }
}

/** The requests and validators of the attacks. Each is made only once, because signing is slow. */
const arsenalFor = memoized((mode: Mode) => {
  const forge = new Forge()
  const scanner = new LeakScanner()
  scanner.guardWhole(PID)
  for (const secret of forge.secrets()) scanner.guard(secret)

  const requestOf = memoized((attack: Attack): RawRequest => {
    const token = attack.token?.(forge)
    // The scanner ignores tokens in JSON form: they contain the `kid` as plain text, which output may show.
    if (token !== undefined && !token.startsWith('{')) scanner.guard(token)
    const headers = attack.headers?.(forge) ?? [['Authorization', `Bearer ${token}`]]
    return { method: 'GET', target: '/read', headers, ...attack.request?.(forge) }
  })

  const validatorFor = memoized((against: Attack['against']) => prepare(forge, against?.(forge), mode))

  function expectRefusal(outcome: Outcome, attack: Attack, { events }: Prepared, isJoined = false): void {
    const reason = reasonOf(attack, isJoined)
    expect(outcome.handled, 'handlers that ran').toBe(0)
    expectAnswer(outcome.answer, reason)
    // If a route has two guards, the first guard may have allowed the request, and reported undefined for it.
    expect(outcome.reported.filter((reported) => reported !== undefined)).toEqual([reason])
    expect(outcome.outbound).toEqual([])
    expect(outcome.fetches).toBeLessThanOrEqual(attack.mayFetch ? 1 : 0)
    expect(scanner.findIn(outcome.answer.text)).toEqual([])
    expect(scanner.findIn(JSON.stringify(events.at(-1)))).toEqual([])
  }

  return { forge, requestOf, validatorFor, expectRefusal }
})

/** The reason for which a host must refuse the attack. */
const reasonOf = ({ refused, refusedJoined }: Attack, isJoined: boolean) =>
  isJoined ? (refusedJoined ?? refused) : refused

const titled = (attacks: readonly Attack[], isJoined = false) =>
  attacks.map((attack) => {
    const title = `${attack.id} ${attack.title} is refused as ${reasonOf(attack, isJoined)}`
    return [title, attack] as const
  })

/** Sends attacks to a guard of core, as an adapter for Node does. */
export function describeCore(mode: Mode, attacks: readonly Attack[]): void {
  describe(`attacks on core, verifying by ${mode}`, () => {
    const { requestOf, validatorFor, expectRefusal } = arsenalFor(mode)

    test.each(titled(attacks))('%s', async (_, attack) => {
      const prepared = await validatorFor(attack.against)
      const { target, headers } = requestOf(attack)
      const requirement = new Map<string, AccessRequirement>(Object.entries(REQUIREMENTS)).get(target) ?? READ
      const [fetched, reported] = [prepared.fetches(), prepared.events.length]
      const guard = createGuard(requirement, { validator: prepared.validator })
      const values = authorizationValues({ rawHeaders: headers.flat() })
      const decision = await guard(values, { request: undefined })
      if (decision.allowed) expect.unreachable('the guard allowed the attack')
      const { status, body, headers: answered } = decision.denial
      const outcome = {
        answer: { status, body, headers: Object.entries(answered), text: JSON.stringify(decision) },
        handled: 0,
        outbound: [],
        fetches: prepared.fetches() - fetched,
        reported: prepared.events.slice(reported).map(({ reason }) => reason),
      }
      expectRefusal(outcome, attack, prepared)
    })
  })
}

/** Sends attacks to a host over a socket, exactly as given. */
export function describeHost(mode: Mode, host: Host, attacks: readonly Attack[]): void {
  describe(`attacks on ${host.name}, verifying by ${mode}`, async () => {
    const { forge, requestOf, validatorFor, expectRefusal } = arsenalFor(mode)
    const send = serveHost(host, forge, await validatorFor(undefined))

    const controls = CONTROLS.map(
      (control) => [`${control.id} ${control.title} is allowed`, control] as const,
    )
    test.each(controls)('%s', async (_, { headers }) => {
      const outcome = await send({ headers: headers(forge) })
      expect(outcome).toMatchObject({ answer: { status: 200 }, handled: 1, fetches: 0, outbound: [] })
    })

    test.each(titled(attacks, seesJoined(host)))('%s', async (_, attack) => {
      const prepared = await validatorFor(attack.against)
      expectRefusal(await send(requestOf(attack), prepared), attack, prepared, seesJoined(host))
    })

    test('on one connection, each refused request gets one answer, and the valid request after it is allowed', async () => {
      const stage = createStage((await validatorFor(undefined)).validator)
      const { port, close } = await host.start(stage)
      const valid = { method: 'GET', target: '/read', headers: authorization(`Bearer ${forge.token()}`) }
      const last = { ...valid, headers: [...valid.headers, ['Connection', 'close'] as const] }
      const refused = attacks.filter(({ against }) => against === undefined).map(requestOf)
      const socket = connect(port, '127.0.0.1')
      socket.write([...refused.flatMap((one) => [one, valid]), last].map(textOf).join(''), 'latin1')
      // Every body is an object in JSON, so each answer begins after a brace or after the last chunk.
      const received = `}${await text(socket.setEncoding('latin1'))}HTTP/1.1 end `
      const answers = [...received.matchAll(/\}(?:\r\n0\r\n\r\n)?HTTP\/1\.1 (\w+) /g)]
      const isAllowed = answers.map(([, status]) => status === '200')
      expect(isAllowed).toEqual([...refused.flatMap(() => [false, true]), true, false])
      expect(stage.takeHandled()).toBe(refused.length + 1)
      await close()
    })
  })
}
