import type { MaskinportenReason } from '@portvakt/core'
import type { TestClock } from '@portvakt/mock'
import { expect } from 'vitest'
import { READ, WRITE } from '../conformance/api.js'
import type { Target } from './attack.js'
import { type Forge, NOW } from './forge.js'

/** What a scenario does to a host: requests over the wire, between which time passes and keys change. */
export interface Play {
  readonly forge: Forge
  readonly clock: TestClock
  /** Sends a token; the answer is held against the table. */
  present(token: string, target?: string): Promise<MaskinportenReason | 'let in'>
  /** What the key endpoint answers from now on. */
  publish(keys: unknown): void
  /** Lets the keys go stale, and has a request bring the new ones. */
  refresh(): Promise<void>
  fetches(): number
}

/** A story with several requests, in which the later ones must not profit from the earlier ones. */
export interface Scenario {
  readonly id: string
  readonly title: string
  readonly target?: (forge: Forge) => Target
  readonly play: (play: Play) => Promise<void>
}

const both = ({ known, bystander }: Forge) => ({ keys: [known.jwk, bystander.jwk] })

export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'K01',
    title: 'a token that was let in is refused at the second of its expiry',
    async play({ forge, clock, present }) {
      const token = forge.token()
      expect(await present(token)).toBe('let in')
      clock.advance(129.999)
      expect(await present(token)).toBe('let in')
      clock.advance(0.001)
      expect(await present(token)).toBe('expired')
    },
  },
  {
    id: 'K01',
    title: 'a token that was let in is refused at its expiry where clocks may not differ',
    target: () => ({ options: { clockTolerance: 0 } }),
    async play({ forge, clock, present }) {
      const token = forge.token({ exp: NOW + 1 })
      expect(await present(token)).toBe('let in')
      clock.advance(1)
      expect(await present(token)).toBe('expired')
    },
  },
  {
    id: 'K02',
    title: 'a token that was let in is refused once its key is replaced by another of its name',
    async play({ forge, present, publish, refresh }) {
      const token = forge.token({ exp: NOW + 86_400 })
      expect(await present(token)).toBe('let in')
      publish({ keys: [{ ...forge.other.jwk, kid: forge.known.jwk.kid }] })
      await refresh()
      expect(await present(token)).toBe('bad_signature')
      // Whoever has the key now is believed, and nobody else.
      expect(await present(forge.forged({}, { exp: NOW + 86_400 }))).toBe('let in')
    },
  },
  {
    id: 'K02',
    title: 'a token that was let in is not once the keys are a day old and none are to be had',
    async play({ forge, clock, present, publish }) {
      const token = forge.token({ exp: NOW + 86_000, iat: NOW })
      const later = forge.token({ exp: NOW + 90_000, iat: NOW + 80_000, nbf: NOW })
      expect(await present(token)).toBe('let in')
      publish({ keys: [] })
      clock.advance(80_000)
      expect(await present(token)).toBe('let in')
      expect(await present(later)).toBe('let in')
      clock.advance(6401)
      expect(await present(later)).toBe('keys_unavailable')
    },
  },
  {
    id: 'K03',
    title: 'a token that one route lets in is judged anew by the next',
    async play({ forge, present }) {
      const token = forge.token()
      expect(await present(token, '/read')).toBe('let in')
      expect(await present(token, '/audience')).toBe('wrong_audience')
      expect(await present(token, '/ruled')).toBe('not_authorized')
      expect(await present(token, '/read')).toBe('let in')
    },
  },
  {
    id: 'K03',
    title: 'a token that one route refuses is judged anew by the next',
    async play({ forge, present }) {
      const token = forge.token({ scope: `${READ} ${WRITE}`, consumer: { authority: 'a', ID: 'b' } })
      expect(await present(token, '/write')).toBe('consumer_not_allowed')
      expect(await present(token, '/read')).toBe('let in')
      expect(await present(token, '/write')).toBe('consumer_not_allowed')
    },
  },
  {
    id: 'K05',
    title: 'a token gets nothing from one that begins, ends or reads like it',
    async play({ forge, present }) {
      const [header, payload, signature] = forge.parts()
      const other = forge.token({ jti: 'another' }).split('.')
      expect(await present(forge.token())).toBe('let in')
      expect(await present(`${header}.${payload}.${other[2]}`)).toBe('bad_signature')
      expect(await present(`${header}.${other[1]}.${signature}`)).toBe('bad_signature')
      expect(await present(forge.forged())).toBe('bad_signature')
      expect(await present(forge.token())).toBe('let in')
    },
  },
  {
    id: 'K06',
    title: 'a token that is refused today is let in tomorrow, when its time has come',
    async play({ forge, clock, present }) {
      const token = forge.token({ nbf: NOW + 60, exp: NOW + 120 })
      expect(await present(token)).toBe('not_yet_valid')
      clock.advance(60)
      expect(await present(token)).toBe('let in')
    },
  },
  {
    id: 'K06',
    title: 'a token whose key comes later is let in then',
    async play({ forge, clock, present, publish }) {
      const token = forge.raw(
        { ...forge.header, kid: forge.bystander.jwk.kid },
        forge.claims,
        forge.bystander,
      )
      expect(await present(token)).toBe('unknown_key')
      publish(both(forge))
      clock.advance(30)
      expect(await present(token)).toBe('let in')
    },
  },
  {
    id: 'K07',
    title: 'a token that was let in has no second spelling',
    async play({ forge, present }) {
      const token = forge.token()
      expect(await present(token)).toBe('let in')
      expect(await present(`${token}==`)).toBe('malformed_token')
      expect(await present(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).not.toBe('let in')
    },
  },
  {
    id: 'C12',
    title: 'a step of the clock, forwards and back, moves no verdict but by the clock',
    async play({ forge, clock, present, fetches }) {
      const token = forge.token()
      expect(await present(token)).toBe('let in')
      const before = fetches()
      clock.set((NOW + 3600) * 1000)
      expect(await present(token)).toBe('expired')
      clock.set((NOW - 3600) * 1000)
      expect(await present(token)).toBe('issued_in_future')
      clock.set(NOW * 1000)
      expect(await present(token)).toBe('let in')
      // Each of the two steps forward may be a suspension, so the keys are fetched again; none is a refusal.
      expect(fetches()).toBe(before + 2)
    },
  },
  {
    id: 'J10',
    title: 'a rotation refuses nobody: the old key serves on, the new one at once',
    async play({ forge, present, publish }) {
      const old = forge.token()
      const fresh = forge.raw(
        { ...forge.header, kid: forge.bystander.jwk.kid },
        forge.claims,
        forge.bystander,
      )
      expect(await present(old)).toBe('let in')
      publish(both(forge))
      expect(await present(fresh)).toBe('let in')
      expect(await present(old)).toBe('let in')
    },
  },
  {
    id: 'J11',
    title: 'a key that is taken out is refused with the next answer, however often its token was let in',
    target: (forge) => ({ keys: both(forge) }),
    async play({ forge, present, publish, refresh }) {
      const token = forge.token({ exp: NOW + 86_400 })
      for (let time = 0; time < 5; time++) expect(await present(token)).toBe('let in')
      publish({ keys: [forge.bystander.jwk] })
      await refresh()
      for (let time = 0; time < 5; time++) expect(await present(token)).toBe('unknown_key')
    },
  },
  {
    id: 'J11',
    title: 'a key that is taken out is refused as soon as an unknown one has brought the new answer',
    target: (forge) => ({ keys: both(forge) }),
    async play({ forge, present, publish }) {
      const token = forge.token()
      expect(await present(token)).toBe('let in')
      publish({ keys: [forge.bystander.jwk] })
      expect(await present(forge.token({}, { kid: 'invented' }))).toBe('unknown_key')
      expect(await present(token)).toBe('unknown_key')
    },
  },
  {
    id: 'J12',
    title: 'a name that two keys bear from now on is nobody’s, however often its token was let in',
    async play({ forge, present, publish, refresh }) {
      const token = forge.token({ exp: NOW + 86_400 })
      expect(await present(token)).toBe('let in')
      publish({
        keys: [forge.known.jwk, { ...forge.other.jwk, kid: forge.known.jwk.kid }, forge.bystander.jwk],
      })
      await refresh()
      expect(await present(token)).toBe('unusable_key')
    },
  },
  {
    id: 'J14',
    title: 'an outage at the start refuses with 503, and ends with the first answer',
    target: () => ({ keys: { keys: [] } }),
    async play({ forge, clock, present, publish }) {
      const token = forge.token()
      expect(await present(token)).toBe('keys_unavailable')
      publish({ keys: [forge.known.jwk] })
      clock.advance(2)
      expect(await present(token)).toBe('let in')
    },
  },
]
