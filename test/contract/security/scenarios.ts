import type { MaskinportenReason } from '@portvakt/core'
import type { TestClock } from '@portvakt/mock'
import { expect } from 'vitest'
import { READ, WRITE } from '../conformance/api.js'
import type { Target } from './attack.js'
import { type Forge, NOW } from './forge.js'

/** The actions of a scenario: requests to a host, changes of keys, and passing time. */
export interface Play {
  readonly forge: Forge
  readonly clock: TestClock
  /** Sends a token, and compares the answer with the table. */
  present(token: string, target?: string): Promise<MaskinportenReason | 'allowed'>
  /** Changes the answer of the key endpoint. */
  publish(keys: unknown): void
  /** Lets the keys become stale, and sends a request that fetches them. */
  refresh(): Promise<void>
  fetches(): number
}

/** A sequence of requests. Earlier requests must not change the answers to later ones. */
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
    title: 'an allowed token is refused from the second of its expiry',
    async play({ forge, clock, present }) {
      const token = forge.token()
      expect(await present(token)).toBe('allowed')
      clock.advance(129.999)
      expect(await present(token)).toBe('allowed')
      clock.advance(0.001)
      expect(await present(token)).toBe('expired')
    },
  },
  {
    id: 'K01',
    title: 'without clock tolerance, an allowed token is refused from its exp on',
    target: () => ({ options: { clockTolerance: 0 } }),
    async play({ forge, clock, present }) {
      const token = forge.token({ exp: NOW + 1 })
      expect(await present(token)).toBe('allowed')
      clock.advance(1)
      expect(await present(token)).toBe('expired')
    },
  },
  {
    id: 'K02',
    title: 'an allowed token is refused after another key takes over its kid',
    async play({ forge, present, publish, refresh }) {
      const token = forge.token({ exp: NOW + 86_400 })
      expect(await present(token)).toBe('allowed')
      publish({ keys: [{ ...forge.other.jwk, kid: forge.known.jwk.kid }] })
      await refresh()
      expect(await present(token)).toBe('bad_signature')
      expect(await present(forge.forged({}, { exp: NOW + 86_400 }))).toBe('allowed')
    },
  },
  {
    id: 'K02',
    title: 'an allowed token is refused when the keys are a day old and cannot be fetched',
    async play({ forge, clock, present, publish }) {
      const token = forge.token({ exp: NOW + 86_000, iat: NOW })
      const later = forge.token({ exp: NOW + 90_000, iat: NOW + 80_000, nbf: NOW })
      expect(await present(token)).toBe('allowed')
      publish({ keys: [] })
      clock.advance(80_000)
      expect(await present(token)).toBe('allowed')
      expect(await present(later)).toBe('allowed')
      clock.advance(6401)
      expect(await present(later)).toBe('keys_unavailable')
    },
  },
  {
    id: 'K03',
    title: 'a token that one route allows is decided again on the next route',
    async play({ forge, present }) {
      const token = forge.token()
      expect(await present(token, '/read')).toBe('allowed')
      expect(await present(token, '/audience')).toBe('wrong_audience')
      expect(await present(token, '/ruled')).toBe('not_authorized')
      expect(await present(token, '/read')).toBe('allowed')
    },
  },
  {
    id: 'K03',
    title: 'a token that one route refuses is decided again on the next route',
    async play({ forge, present }) {
      const token = forge.token({ scope: `${READ} ${WRITE}`, consumer: { authority: 'a', ID: 'b' } })
      expect(await present(token, '/write')).toBe('consumer_not_allowed')
      expect(await present(token, '/read')).toBe('allowed')
      expect(await present(token, '/write')).toBe('consumer_not_allowed')
    },
  },
  {
    id: 'K05',
    title: 'a token that combines parts of allowed tokens is refused',
    async play({ forge, present }) {
      const [header, payload, signature] = forge.parts()
      const other = forge.token({ jti: 'another' }).split('.')
      expect(await present(forge.token())).toBe('allowed')
      expect(await present(`${header}.${payload}.${other[2]}`)).toBe('bad_signature')
      expect(await present(`${header}.${other[1]}.${signature}`)).toBe('bad_signature')
      expect(await present(forge.forged())).toBe('bad_signature')
      expect(await present(forge.token())).toBe('allowed')
    },
  },
  {
    id: 'K06',
    title: 'a token that is refused before its nbf is allowed from its nbf on',
    async play({ forge, clock, present }) {
      const token = forge.token({ nbf: NOW + 60, exp: NOW + 120 })
      expect(await present(token)).toBe('not_yet_valid')
      clock.advance(60)
      expect(await present(token)).toBe('allowed')
    },
  },
  {
    id: 'K06',
    title: 'a token refused for an unknown key is allowed after the key is published',
    async play({ forge, clock, present, publish }) {
      const token = forge.raw(
        { ...forge.header, kid: forge.bystander.jwk.kid },
        forge.claims,
        forge.bystander,
      )
      expect(await present(token)).toBe('unknown_key')
      publish(both(forge))
      clock.advance(30)
      expect(await present(token)).toBe('allowed')
    },
  },
  {
    id: 'K07',
    title: 'another encoding of an allowed token is refused',
    async play({ forge, present }) {
      const token = forge.token()
      expect(await present(token)).toBe('allowed')
      expect(await present(`${token}==`)).toBe('malformed_token')
      expect(await present(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).not.toBe('allowed')
    },
  },
  {
    id: 'C12',
    title: 'a decision after a step of the clock depends only on the new time',
    async play({ forge, clock, present, fetches }) {
      const token = forge.token()
      expect(await present(token)).toBe('allowed')
      const before = fetches()
      clock.set((NOW + 3600) * 1000)
      expect(await present(token)).toBe('expired')
      clock.set((NOW - 3600) * 1000)
      expect(await present(token)).toBe('issued_in_future')
      clock.set(NOW * 1000)
      expect(await present(token)).toBe('allowed')
      // The process may have been suspended at each step forward, so the keys are fetched again.
      expect(fetches()).toBe(before + 2)
    },
  },
  {
    id: 'J10',
    title: 'a rotation keeps the old key in use, and the new key works at once',
    async play({ forge, present, publish }) {
      const old = forge.token()
      const fresh = forge.raw(
        { ...forge.header, kid: forge.bystander.jwk.kid },
        forge.claims,
        forge.bystander,
      )
      expect(await present(old)).toBe('allowed')
      publish(both(forge))
      expect(await present(fresh)).toBe('allowed')
      expect(await present(old)).toBe('allowed')
    },
  },
  {
    id: 'J11',
    title: 'a token is refused after a refresh without its key, even if it was allowed before',
    target: (forge) => ({ keys: both(forge) }),
    async play({ forge, present, publish, refresh }) {
      const token = forge.token({ exp: NOW + 86_400 })
      for (let time = 0; time < 5; time++) expect(await present(token)).toBe('allowed')
      publish({ keys: [forge.bystander.jwk] })
      await refresh()
      for (let time = 0; time < 5; time++) expect(await present(token)).toBe('unknown_key')
    },
  },
  {
    id: 'J11',
    title: 'a token is refused after an unknown kid caused a fetch of keys that lack its key',
    target: (forge) => ({ keys: both(forge) }),
    async play({ forge, present, publish }) {
      const token = forge.token()
      expect(await present(token)).toBe('allowed')
      publish({ keys: [forge.bystander.jwk] })
      expect(await present(forge.token({}, { kid: 'invented' }))).toBe('unknown_key')
      expect(await present(token)).toBe('unknown_key')
    },
  },
  {
    id: 'J12',
    title: 'a token is refused after two keys share its kid, even if it was allowed before',
    async play({ forge, present, publish, refresh }) {
      const token = forge.token({ exp: NOW + 86_400 })
      expect(await present(token)).toBe('allowed')
      publish({
        keys: [forge.known.jwk, { ...forge.other.jwk, kid: forge.known.jwk.kid }, forge.bystander.jwk],
      })
      await refresh()
      expect(await present(token)).toBe('unusable_key')
    },
  },
  {
    id: 'J14',
    title: 'during an outage at the start, a token gets 503; after the first answer, it is allowed',
    target: () => ({ keys: { keys: [] } }),
    async play({ forge, clock, present, publish }) {
      const token = forge.token()
      expect(await present(token)).toBe('keys_unavailable')
      publish({ keys: [forge.known.jwk] })
      clock.advance(2)
      expect(await present(token)).toBe('allowed')
    },
  },
]
