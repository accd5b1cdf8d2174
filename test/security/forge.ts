import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { READ } from '../conformance/api.js'

/** What the hosts under attack are configured with. */
export const ISSUER = 'https://test.maskinporten.no/'
/** When everything here happens, in seconds: the clock stands still. */
export const NOW = Date.UTC(2026, 5, 1, 12) / 1000
/** A person's number that no answer, event or error may show. */
export const PID = '05848998356'

export interface Jwk {
  readonly kty: string
  readonly kid: string
  readonly n: string
  readonly e: string
  readonly [member: string]: unknown
}

export interface SigningKey {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  /** The public part, as Maskinporten publishes it. */
  readonly jwk: Jwk
}

export function createKey(kid: string, modulusLength = 2048, publicExponent = 65537): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent })
  const { n, e } = publicKey.export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('An RSA key has n and e')
  return { publicKey, privateKey, jwk: { kty: 'RSA', kid, use: 'sig', n, e } }
}

export type Members = Readonly<Record<string, unknown>>

/** What a token's part is made of: an object, or text or bytes that no serializer would write. */
export type Part = Members | string | Uint8Array

/** In base64url; members that are undefined are left out. */
export function encode(part: Part): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString('base64url')
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

export const DIGESTS = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const

/** Makes tokens, and what resembles them. Everything starts from a token that is let in. */
export class Forge {
  /** The key that Maskinporten publishes. */
  readonly known = createKey('known-key')
  /** The attacker's own. */
  readonly other = createKey('other-key')
  /** Published as well, where the key under attack is unusable. */
  readonly bystander = createKey('bystander-key')
  readonly header: Members = { kid: this.known.jwk.kid, alg: 'RS256' }
  readonly claims: Members = {
    scope: READ,
    iss: ISSUER,
    pid: PID,
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    exp: NOW + 120,
    iat: NOW,
    client_id: 'canary-client-b3f1c2',
    jti: 'canary-jti-77f0a91e',
    consumer: { authority: 'iso6523-actorid-upis', ID: '0192:889640782' },
  }

  /** Signed by the known key: what only a faulty Maskinporten could send. */
  token(claims: Members = {}, header: Members = {}): string {
    return this.raw({ ...this.header, ...header }, { ...this.claims, ...claims })
  }

  /** Signed by the attacker's key, in the known one's name. */
  forged(header: Members = {}, claims: Members = {}): string {
    return this.raw({ ...this.header, ...header }, { ...this.claims, ...claims }, this.other)
  }

  /** Any two parts with a genuine signature. */
  raw(header: Part, payload: Part, key: SigningKey = this.known, digest: string = DIGESTS.RS256): string {
    const signed = `${encode(header)}.${encode(payload)}`
    return `${signed}.${sign(digest, Buffer.from(signed), key.privateKey).toString('base64url')}`
  }

  /** A claim in JSON that no serializer would write, such as `1e400`. */
  literal(claim: string, json: string): string {
    return this.raw(
      this.header,
      JSON.stringify({ ...this.claims, [claim]: '@' }).replace('"@"', () => json),
    )
  }

  /** With whatever stands in place of a signature. */
  unsigned(header: Part, signature = '', payload: Part = this.claims): string {
    return `${encode(header)}.${encode(payload)}.${signature}`
  }

  /** Signed with a secret, where the header says so. */
  mac(alg: 'HS256' | 'HS384' | 'HS512', secret: string | Uint8Array): string {
    const signed = `${encode({ ...this.header, alg })}.${encode(this.claims)}`
    const digest = `sha${alg.slice(2)}`
    return `${signed}.${createHmac(digest, secret).update(signed).digest('base64url')}`
  }

  /** The three parts of a token that is let in. */
  parts(): [header: string, payload: string, signature: string] {
    const [header = '', payload = '', signature = ''] = this.token().split('.')
    return [header, payload, signature]
  }
}
