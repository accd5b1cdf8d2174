import type { AccessRequirement } from '@portvakt/core'
import { authorizationValues, createGuard } from '@portvakt/core/adapter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { READ, REQUIREMENTS } from '../conformance/api.js'
import type { Host } from '../conformance/host.js'
import type { Mode } from '../conformance/modes.js'
import { Arena, expectAnswer, type Outcome } from './arena.js'
import type { Attack } from './attack.js'
import { CONTROLS } from './controls.js'
import { Forge, PID } from './forge.js'
import { LeakScanner } from './leaks.js'
import { type Prepared, prepare } from './stage.js'
import type { RawRequest } from './wire.js'

/** Whether the host has web-standard `Headers`, which join repeated headers into one value. */
export const seesJoined = (host: Host) => /^(fetch\b|Hono on workerd)/.test(host.name)

/** Makes the request and the validator of each attack only once, because signing is slow. */
class Arsenal {
  readonly forge = new Forge()
  readonly scanner = new LeakScanner()
  readonly #mode: Mode
  readonly #requests = new Map<Attack, RawRequest>()
  readonly #validators = new Map<Attack['against'], Promise<Prepared>>()

  constructor(mode: Mode) {
    this.#mode = mode
    this.scanner.guardWhole(PID)
    for (const secret of this.forge.secrets()) this.scanner.guard(secret)
  }

  requestOf(attack: Attack): RawRequest {
    const made = this.#requests.get(attack)
    if (made) return made
    const token = attack.token?.(this.forge)
    // The scanner ignores tokens in JSON form: they contain the `kid` as plain text, which output may show.
    if (token !== undefined && !token.startsWith('{')) this.scanner.guard(token)
    const headers = attack.headers?.(this.forge) ?? [['Authorization', `Bearer ${token}`]]
    const request = { method: 'GET', target: '/read', headers, ...attack.request?.(this.forge) }
    this.#requests.set(attack, request)
    return request
  }

  validatorFor({ against }: Pick<Attack, 'against'>): Promise<Prepared> {
    const made = this.#validators.get(against) ?? prepare(this.forge, against?.(this.forge), this.#mode)
    this.#validators.set(against, made)
    return made
  }

  expectRefusal(outcome: Outcome, attack: Attack, { events }: Prepared, isJoined = false): void {
    const reason = reasonOf(attack, isJoined)
    expect(outcome.handled, 'handlers that ran').toBe(0)
    expectAnswer(outcome, reason)
    // If a route has two guards, the first guard may have allowed the request, and reported undefined for it.
    expect(outcome.reported.filter((reported) => reported !== undefined)).toEqual([reason])
    expect(outcome.outbound).toEqual([])
    expect(outcome.fetches).toBeLessThanOrEqual(attack.mayFetch ? 1 : 0)
    expect(this.scanner.findIn(outcome.answer.text)).toEqual([])
    expect(this.scanner.findIn(JSON.stringify(events.at(-1)))).toEqual([])
  }
}

const arsenals = new Map<Mode, Arsenal>()

function arsenalFor(mode: Mode): Arsenal {
  const made = arsenals.get(mode) ?? new Arsenal(mode)
  arsenals.set(mode, made)
  return made
}

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
    const arsenal = arsenalFor(mode)

    test.each(titled(attacks))('%s', async (_, attack) => {
      const prepared = await arsenal.validatorFor(attack)
      const { target, headers } = arsenal.requestOf(attack)
      const requirement = new Map<string, AccessRequirement>(Object.entries(REQUIREMENTS)).get(target) ?? READ
      const [fetched, reported] = [prepared.fetches(), prepared.events.length]
      const guard = createGuard(requirement, { validator: prepared.validator })
      const values = authorizationValues({ rawHeaders: headers.flat() })
      const decision = await guard(values, { request: undefined })
      if (decision.allowed) expect.unreachable('the guard allowed the attack')
      const { status, body, headers: answered } = decision.denial
      const answer = { status, body, headers: Object.entries(answered), text: JSON.stringify(decision) }
      const outcome = {
        answer,
        handled: 0,
        outbound: [],
        fetches: prepared.fetches() - fetched,
        reported: prepared.events.slice(reported).map(({ reason }) => reason),
      }
      arsenal.expectRefusal(outcome, attack, prepared)
    })
  })
}

/** Sends attacks to a host over a socket, exactly as given. */
export function describeHost(mode: Mode, host: Host, attacks: readonly Attack[]): void {
  describe(`attacks on ${host.name}, verifying by ${mode}`, () => {
    const arsenal = arsenalFor(mode)
    let usual: Prepared
    let arena: Arena
    beforeAll(async () => {
      usual = await arsenal.validatorFor({})
      arena = await Arena.open(host, usual)
      await arena.warmUp(CONTROLS[0]?.headers(arsenal.forge) ?? [], usual)
    })
    afterAll(() => arena.close())

    test.each(CONTROLS.map((control) => [`${control.id} ${control.title} is allowed`, control] as const))(
      '%s',
      async (_, { headers }) => {
        const request = { method: 'GET', target: '/read', headers: headers(arsenal.forge) }
        const outcome = await arena.send(request, usual)
        expect(outcome).toMatchObject({ answer: { status: 200 }, handled: 1, fetches: 0, outbound: [] })
      },
    )

    test.each(titled(attacks, seesJoined(host)))('%s', async (_, attack) => {
      const prepared = await arsenal.validatorFor(attack)
      const outcome = await arena.send(arsenal.requestOf(attack), prepared)
      arsenal.expectRefusal(outcome, attack, prepared, seesJoined(host))
    })
  })
}
