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

/** A kind of bad token. */
export interface Recipe {
  /** Why a guard with the mock's issuer, and defaults otherwise, refuses it. */
  readonly reason: MaskinportenReason
  /** What is wrong with it, in a line. */
  readonly meaning: string
  /** How it differs from a good token, or a function that makes it. */
  readonly make: IssueTokenOptions | ((forge: Forge) => string | Promise<string>)
}

export function bad(reason: MaskinportenReason, meaning: string, make: Recipe['make']): Recipe {
  return { reason, meaning, make }
}

/** The keys with which bad tokens are signed: the mock's, a client's, and an unpublished one. */
export interface ForgeMaterial {
  readonly from: TokenIssuer
  readonly client: RegisteredClient
  /** A key that is never published. */
  strangersKey(): Promise<KeyObject>
}

/** Makes a key once, when it is first asked for. */
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

  /** A good token with these differences and a valid signature. */
  issue(changes: IssueTokenOptions = {}): Promise<string> {
    return signAccessToken(this.material.from, this.#with(changes))
  }

  /** A good token with these claims, with a valid signature; `undefined` leaves one out. */
  claiming(claims: Readonly<Record<string, unknown>>): Promise<string> {
    return this.issue({ claims })
  }

  claims(): Readonly<Record<string, unknown>> {
    const { from } = this.material
    return claimsOf(this.options, { ...from, now: from.clock.now() })
  }

  /** Now, in whole seconds since the epoch. */
  now(): number {
    return Math.floor(this.material.from.clock.now() / 1000)
  }

  /** The header of a good token, with changes. */
  header(changes: Readonly<Record<string, unknown>> = {}): object {
    return { kid: this.material.from.keys.keyId(), alg: 'RS256', ...changes }
  }

  /** Any header and payload, signed with a key: the mock's own unless told otherwise. */
  seal(header: object, payload: object | string | Uint8Array, key?: KeyObject): string {
    const body =
      payload instanceof Uint8Array ? Buffer.from(payload).toString('base64url') : encodePart(payload)
    const signed = `${encodePart(header)}.${body}`
    const signature = sign('sha256', Buffer.from(signed), key ?? this.material.from.keys.privateKey())
    return `${signed}.${signature.toString('base64url')}`
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
