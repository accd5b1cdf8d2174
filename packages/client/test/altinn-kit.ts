import type { TestClock } from '@portvakt/mock'
import type { Fetch } from '../src/index.js'
import { createKit, type Kit } from './kit.js'

const PATH = '/authentication/api/v1/exchange/maskinporten'

/** A kit that distinguishes exchanges at Altinn from token requests. */
export interface AltinnKit extends Kit {
  /** Answers each exchange; the mock does so by default. */
  altinn: Fetch
  /** The exchanges so far. */
  readonly exchanges: { readonly url: string; readonly init: RequestInit | undefined }[]
  /** The bodies of the token requests so far. */
  readonly tokenRequests: string[]
  /** Returns the tokens that were sent to be exchanged. */
  sent(): readonly string[]
}

export async function createAltinnKit(): Promise<AltinnKit> {
  const kit = await createKit()
  // Tokens have times in whole seconds.
  kit.clock.set(Math.ceil(kit.clock.now() / 1000) * 1000)
  const toMock = kit.answer
  const made: AltinnKit = Object.assign(kit, {
    altinn: toMock,
    exchanges: [],
    tokenRequests: [],
    sent: () =>
      made.exchanges.map(
        ({ init }) => new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '',
      ),
  })
  kit.answer = (input, init) => {
    const url = String(input)
    if (new URL(url).pathname === PATH) {
      made.exchanges.push({ url, init })
      return made.altinn(input, init)
    }
    made.tokenRequests.push(String(init?.body))
    return toMock(input, init)
  }
  return made
}

/**
 * Returns an unsigned token in Altinn's form, which was issued 1800 seconds before its expiry.
 *
 * @param claims other claims; `undefined` removes one
 */
export function tokenThatExpires(
  clock: TestClock,
  { inSeconds, ...claims }: { readonly inSeconds: number; readonly [claim: string]: unknown },
): string {
  const exp = clock.now() / 1000 + inSeconds
  const parts = [{ alg: 'RS256' }, { iat: exp - 1800, exp, ...claims }]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'x'].join('.')
}
