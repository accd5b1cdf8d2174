import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { READ } from '../conformance/api.js'

/** The issuer of the hosts under attack. */
export const ISSUER = 'https://test.maskinporten.no/'
/**
 * The time at which the tests start, in seconds since the epoch. The test clock advances only when a test
 * advances it.
 */
export const NOW = Date.UTC(2026, 5, 1, 12) / 1000
/** A national identity number. It must not appear in any answer, event or error. */
export const PID = '05848998356'

/** A consent of that person, as an entry of `authorization_details`. */
export const CONSENT = {
  type: 'urn:altinn:consent',
  id: '0a7d59f8-0000-4000-8000-000000000000',
  from: `urn:altinn:person:identifier-no:${PID}`,
  to: { authority: 'iso6523-actorid-upis', ID: '0192:889640782' },
  consented: '2026-01-01T10:48:55.759557+00:00',
  validTo: '2028-01-01T14:30:00+00:00',
  consentRights: [
    {
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: 'x' }],
      metadata: { inntektsaar: ['2026'] },
    },
  ],
}

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

/** A part of a token before encoding: an object, a text or bytes. */
export type Part = Members | string | Uint8Array

/** Encodes a part in base64url. Undefined members are left out. */
export function encode(part: Part): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString('base64url')
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/** Serializes an object with additional members, which are given as JSON. */
export const extended = (object: object, more: string) => `${JSON.stringify(object).slice(0, -1)},${more}}`

export const DIGESTS = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const

/** Creates valid and invalid tokens. Every token is a variation of one valid token. */
export class Forge {
  /** The key that Maskinporten publishes. */
  readonly known = createKey('known-key')
  /** The attacker's key. */
  readonly other = createKey('other-key')
  /** A second key, which tests publish together with the known key or in its place. */
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

  /** A token signed by the known key, with these changes to its claims and header. */
  token(claims: Members = {}, header: Members = {}): string {
    return this.raw({ ...this.header, ...header }, { ...this.claims, ...claims })
  }

  /** A token signed by this key, with the key's kid. */
  signedBy(key: SigningKey, claims: Members = {}): string {
    return this.raw({ ...this.header, kid: key.jwk.kid }, { ...this.claims, ...claims }, key)
  }

  /** A token signed by the attacker's key, with the kid of the known key. */
  forged(header: Members = {}, claims: Members = {}): string {
    return this.raw({ ...this.header, ...header }, { ...this.claims, ...claims }, this.other)
  }

  /** Signs any header and any payload as a token. */
  raw(header: Part, payload: Part, key: SigningKey = this.known, digest: string = DIGESTS.RS256): string {
    const signed = `${encode(header)}.${encode(payload)}`
    return `${signed}.${sign(digest, Buffer.from(signed), key.privateKey).toString('base64url')}`
  }

  /** A token with one claim given as JSON text, such as `1e400`. */
  literal(claim: string, json: string): string {
    return this.raw(
      this.header,
      JSON.stringify({ ...this.claims, [claim]: '@' }).replace('"@"', () => json),
    )
  }

  /** A token with this text in place of a signature. */
  unsigned(header: Part, signature = '', payload: Part = this.claims): string {
    return `${encode(header)}.${encode(payload)}.${signature}`
  }

  /** A token with an HMAC in place of an RSA signature. */
  mac(alg: 'HS256' | 'HS384' | 'HS512', secret: string | Uint8Array): string {
    const signed = `${encode({ ...this.header, alg })}.${encode(this.claims)}`
    const digest = `sha${alg.slice(2)}`
    return `${signed}.${createHmac(digest, secret).update(signed).digest('base64url')}`
  }

  /** Texts that no output may show: a valid token, and the private keys. */
  secrets(): string[] {
    const keys = [this.known, this.other, this.bystander].flatMap(({ privateKey }) => [
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().replaceAll('\n', ''),
      ...Object.values(privateKey.export({ format: 'jwk' })).map(String),
    ])
    return [this.token(), ...keys]
  }

  /** The three parts of a valid token. */
  parts(): [header: string, payload: string, signature: string] {
    const [header = '', payload = '', signature = ''] = this.token().split('.')
    return [header, payload, signature]
  }
}
