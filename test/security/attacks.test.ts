import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { Host } from '../conformance/host.js'
import { HOSTS } from '../conformance/hosts.js'
import { Arena, expectAnswer, type Outcome } from './arena.js'
import type { Attack } from './attack.js'
import { ATTACKS } from './attacks/index.js'
import { CONTROLS } from './controls.js'
import { Forge, PID } from './forge.js'
import { LeakScanner } from './leaks.js'
import { type Prepared, prepare } from './stage.js'
import type { RawRequest } from './wire.js'

const forge = new Forge()
const scanner = new LeakScanner()
const count = { runs: 0, accepted: 0, outside: 0 }
let usual: Prepared

beforeAll(async () => {
  usual = await prepare(forge)
  scanner.guard(forge.token())
  scanner.guardWhole(PID)
  for (const { privateKey } of [forge.known, forge.other, forge.bystander]) {
    scanner.guard(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().replaceAll('\n', ''))
    for (const part of Object.values(privateKey.export({ format: 'jwk' }))) scanner.guard(String(part))
  }
})

afterAll(() => {
  const { runs, accepted, outside } = count
  process.stdout.write(
    `attacks: ${ATTACKS.length} cases, ${runs} runs on ${HOSTS.length} hosts, ${accepted} accepted, ${outside} outside the table\n`,
  )
})

const requests = new Map<Attack, RawRequest>()
const validators = new Map<Attack, Prepared>()

/** Creates each request once for all hosts: signing is slow. */
function requestOf(attack: Attack): RawRequest {
  const made = requests.get(attack)
  if (made) return made
  const token = attack.token?.(forge)
  // The scanner ignores JSON tokens, because they contain the name of the key, which may be printed.
  if (token !== undefined && !token.startsWith('{')) scanner.guard(token)
  const headers = attack.headers?.(forge) ?? [['Authorization', `Bearer ${token}`]]
  const request = { method: 'GET', target: '/read', headers, ...attack.request?.(forge) }
  requests.set(attack, request)
  return request
}

async function validatorFor(attack: Attack): Promise<Prepared> {
  if (!attack.against) return usual
  const made = validators.get(attack) ?? (await prepare(forge, attack.against(forge)))
  validators.set(attack, made)
  return made
}

/** Whether the host has web-standard `Headers`, which join repeated headers into one value. */
const seesJoined = (host: Host) => /^(fetch|Hono)\b/.test(host.name)

function expectRefusal(outcome: Outcome, attack: Attack, prepared: Prepared, host: Host): void {
  const { refused, refusedJoined = refused } = attack
  const reason = seesJoined(host) ? refusedJoined : refused
  expect(outcome.handled, 'handlers that ran').toBe(0)
  expectAnswer(outcome, reason)
  // If a route has two guards, the first one may have allowed the request.
  expect(outcome.reported.filter((reported) => reported !== undefined)).toEqual([reason])
  expect(outcome.outbound).toEqual([])
  expect(outcome.fetches).toBeLessThanOrEqual(attack.mayFetch ? 1 : 0)
  expect(scanner.findIn(outcome.answer.text)).toEqual([])
  expect(scanner.findIn(JSON.stringify(prepared.events.at(-1)))).toEqual([])
}

it('the catalogue has at least 250 attacks with unique names', () => {
  expect(ATTACKS.length).toBeGreaterThanOrEqual(250)
  const names = ATTACKS.map(({ id, title }) => `${id} ${title}`)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

// On workerd, the suite has fewer hosts.
it.skipIf(process.env['PORTVAKT_WORKERD'])('SECURITY.md states the numbers of attacks and hosts', () => {
  const runs = ATTACKS.length * HOSTS.length
  const text = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8')
  expect(text).toContain(`${ATTACKS.length} cases, ${runs} runs on ${HOSTS.length} hosts`)
})

it('some hosts see every repeated header, and others see one joined value', () => {
  expect(HOSTS.some(seesJoined)).toBe(true)
  expect(process.env['PORTVAKT_WORKERD'] !== undefined || !HOSTS.every(seesJoined)).toBe(true)
})

describe.each(HOSTS)('attacks on $name', (host) => {
  let arena: Arena
  beforeAll(async () => {
    arena = await Arena.open(host, usual)
    await arena.warmUp(CONTROLS[0]?.headers(forge) ?? [], usual)
  })
  afterAll(() => arena.close())

  test.each(CONTROLS.map((control) => [`${control.id} ${control.title} is allowed`, control] as const))(
    '%s',
    async (_, { headers }) => {
      const outcome = await arena.send({ method: 'GET', target: '/read', headers: headers(forge) }, usual)
      expect(outcome).toMatchObject({ answer: { status: 200 }, handled: 1, fetches: 0, outbound: [] })
    },
  )

  test.each(
    ATTACKS.map(
      (attack) => [`${attack.id} ${attack.title} is refused as ${attack.refused}`, attack] as const,
    ),
  )('%s', async (_, attack) => {
    const prepared = await validatorFor(attack)
    const outcome = await arena.send(requestOf(attack), prepared)
    count.runs++
    if (outcome.handled > 0) count.accepted++
    count.outside++
    expectRefusal(outcome, attack, prepared, host)
    count.outside--
  })
})
