import { createHash, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@portvakt/core'

const DAY = 86_400_000

interface AltinnKey {
  readonly privateKey: KeyObject
  readonly kid: string
  /** SHA-1 of the certificate, in base64url (RFC 7515 §4.1.7). */
  readonly x5t: string
  readonly jwk: Readonly<Record<string, unknown>>
}

/**
 * Altinn's own signing key. The key is generated at its first use, because most tests do not exchange tokens.
 */
export class AltinnKeys {
  #key: Promise<AltinnKey> | undefined

  constructor(private readonly clock: Clock) {}

  /** Signs claims and returns a compact JWS with the header that Altinn's tokens have. */
  async sign(claims: object): Promise<string> {
    const { privateKey, kid, x5t } = await this.#load()
    const parts = [{ alg: 'RS256', kid, x5t, typ: 'JWT' }, claims]
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  }

  async published() {
    return { keys: [(await this.#load()).jwk] }
  }

  #load(): Promise<AltinnKey> {
    this.#key ??= createKey(this.clock.now())
    return this.#key
  }
}

async function createKey(now: number): Promise<AltinnKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  // Import this module only when the key is generated, because most tests do not need it.
  const { COMMON_NAME, signCertificate } = await import('../certificates/sign-certificate.js')
  const name = [[COMMON_NAME, 'Portvakt Test Altinn']] as const
  const [validFrom, validTo] = [now - DAY, now + 1000 * DAY]
  const content = { subject: name, publicKey, isAuthority: false, validFrom, validTo }
  const certificate = signCertificate(content, { name, privateKey })
  const digest = createHash('sha1').update(certificate).digest()
  const kid = digest.toString('hex').toUpperCase()
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  return {
    privateKey,
    kid,
    x5t: digest.toString('base64url'),
    // Altinn publishes `n` and `e` in base64 with padding, instead of base64url (RFC 7518 §6.3.1), and does
    // not publish `alg`.
    jwk: {
      ...{ kty: 'RSA', use: 'sig', kid, x5c: [certificate.toString('base64')] },
      ...{ n: withPadding(n), e: withPadding(e) },
    },
  }
}

const withPadding = (base64url: string) => Buffer.from(base64url, 'base64url').toString('base64')
