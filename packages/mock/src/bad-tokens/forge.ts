import { generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { MaskinportenReason } from '@portvakt/core'
import {
  encodePart,
  type IssueTokenOptions,
  signAccessToken,
  type TokenIssuer,
} from '../maskinporten/access-token.js'
import { claimsOf } from '../maskinporten/token-claims.js'
import type { RegisteredClient } from '../registry/client.js'

export interface Recipe {
  /**
   * The reason with which a guard refuses the token, if `issuer` is the guard's only option and names the
   * mock.
   */
  readonly reason: MaskinportenReason
  /** The token's defect, in one line. */
  readonly meaning: string
  /** The changes to a good token, or a function that makes the bad token. */
  readonly make: IssueTokenOptions | ((forge: Forge) => string | Promise<string>)
}

export function bad(reason: MaskinportenReason, meaning: string, make: Recipe['make']): Recipe {
  return { reason, meaning, make }
}

/** Returns changes to the header of a good token. */
export const header = (changes: Readonly<Record<string, unknown>>): IssueTokenOptions => ({ header: changes })

/** Returns changes to the claims of a good token. */
export const claims = (changes: Readonly<Record<string, unknown>>): IssueTokenOptions => ({ claims: changes })

/** The keys that can sign bad tokens: the mock's, a client's, and an unpublished key. */
export interface ForgeMaterial {
  readonly from: TokenIssuer
  readonly client: RegisteredClient
  strangersKey(): Promise<KeyObject>
}

/** Returns a function that makes an unpublished key at its first call. Later calls return the same key. */
export function newStrangersKey(): () => Promise<KeyObject> {
  let made: Promise<KeyObject> | undefined
  return () => {
    made ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 }).then(({ privateKey }) => privateKey)
    return made
  }
}

/** Makes tokens with one defect. */
export class Forge {
  /** @param options the content of a good token */
  constructor(
    readonly material: ForgeMaterial,
    private readonly options: IssueTokenOptions,
  ) {}

  get scopes(): readonly string[] {
    return String(this.claims()['scope']).split(' ')
  }

  /** Issues a correctly signed token that differs from a good token only by these changes. */
  issue(changes: IssueTokenOptions = {}): Promise<string> {
    return signAccessToken(this.material.from, this.#with(changes))
  }

  /**
   * Issues a correctly signed token that differs from a good token only by these claims; `undefined` removes
   * a claim.
   */
  claiming(claims: Readonly<Record<string, unknown>>): Promise<string> {
    return this.issue({ claims })
  }

  claims(): Readonly<Record<string, unknown>> {
    const { from } = this.material
    return claimsOf(this.options, { ...from, now: from.clock.now() })
  }

  /** Returns the time by the mock's clock, in whole seconds since the epoch. */
  now(): number {
    return Math.floor(this.material.from.clock.now() / 1000)
  }

  /** Returns the header of a good token, with changes. */
  header(changes: Readonly<Record<string, unknown>> = {}): object {
    return { kid: this.material.from.keys.keyId(), alg: 'RS256', ...changes }
  }

  /** Signs any header and payload with a key, by default the mock's own. */
  seal(
    payload: object | string | Uint8Array,
    header: object = this.header(),
    key: KeyObject = this.material.from.keys.privateKey(),
  ): string {
    const body =
      payload instanceof Uint8Array ? Buffer.from(payload).toString('base64url') : encodePart(payload)
    const signed = `${encodePart(header)}.${body}`
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }

  #with(changes: IssueTokenOptions): IssueTokenOptions {
    const { claims, header } = this.options
    return {
      ...this.options,
      ...changes,
      claims: { ...claims, ...changes.claims },
      header: { ...header, ...changes.header },
    }
  }
}

export function partsOf(token: string): readonly [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [header, payload, signature]
}
