import { safeCause, takeOptions } from '@portvakt/core/internal'
import { base64url, CompactSign, type CryptoKey, importJWK, importPKCS8, type JWK } from 'jose'
import { MaskinportenClientError } from './client-error.js'
import { readChain, readJwk } from './key-text.js'
import { readPrivateKey } from './private-key.js'

/** A signature algorithm that Maskinporten accepts. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

/** The key that proves who the client is. */
export type ClientKey =
  /** A private JWK with `kid`, as NAIS gives it; also its JSON, or base64 of its JSON. */
  | { readonly jwk: JWK | string; readonly algorithm?: SignatureAlgorithm }
  /**
   * A private key in PEM (PKCS#8), by the `kid` it is registered under. Text around the PEM block, indentation, `\n`
   * in place of line breaks, and base64 of all this are understood.
   */
  | { readonly pem: string; readonly keyId: string; readonly algorithm?: SignatureAlgorithm }
  /**
   * A private key in PEM with its enterprise certificate: PEM, the own certificate first, the whole chain. Both may
   * be the same text, as `openssl pkcs12 -nodes` prints it.
   */
  | { readonly pem: string; readonly certificateChain: string; readonly algorithm?: SignatureAlgorithm }
  /**
   * A key that never leaves its KMS or HSM: signs these bytes with RSASSA-PKCS1-v1_5. Bounded by
   * `attemptTimeout`, after which another attempt may call it again; a function that blocks the thread is not.
   */
  | {
      readonly sign: (data: Uint8Array) => Promise<Uint8Array> | Uint8Array
      readonly keyId: string
      readonly algorithm?: SignatureAlgorithm
    }

/** Every member of every form. */
interface KeyMembers {
  readonly jwk?: JWK | string
  readonly pem?: string
  readonly sign?: (data: Uint8Array) => Promise<Uint8Array> | Uint8Array
  readonly keyId?: string
  readonly certificateChain?: string
  readonly algorithm?: SignatureAlgorithm
}

const MEMBERS = [
  'jwk',
  'pem',
  'sign',
  'keyId',
  'certificateChain',
  'algorithm',
] as const satisfies readonly (keyof KeyMembers)[]

/** Signs claims, as a compact JWS. Rejects with a {@link MaskinportenClientError} `signing_failed`. */
export type Signer = (claims: object) => Promise<string>

const ALGORITHMS: readonly string[] = ['RS256', 'RS384', 'RS512']

/**
 * Checks a key's form at once, and imports it with the first use.
 *
 * @throws {TypeError} naming what is wrong; never the key
 */
export function createSigner(given: ClientKey): Signer {
  const key = takeOptions<KeyMembers>(given, MEMBERS, '`key`')
  const alg = key.algorithm ?? 'RS256'
  if (!ALGORITHMS.includes(alg))
    throw new TypeError(`\`key.algorithm\` must be one of ${ALGORITHMS.join(', ')}`)

  if (key.jwk !== undefined) {
    const jwk = readJwk(key.jwk)
    return signWith(
      once(() => importJWK(jwk, alg).then(asCryptoKey)),
      { alg, kid: jwk.kid },
    )
  }
  const named =
    key.certificateChain === undefined
      ? { kid: readKeyId(key.keyId) }
      : { x5c: readChain(key.certificateChain) }
  if (key.sign !== undefined) {
    if (typeof key.sign !== 'function') throw new TypeError('`key.sign` must be a function')
    return signElsewhere(key.sign, { alg, ...named })
  }
  const pem = readPrivateKey(key.pem)
  return signWith(
    once(() => importPKCS8(pem, alg)),
    { alg, ...named },
  )
}

type Header = { readonly alg: string; readonly kid?: string; readonly x5c?: string[] }

/** Digdir wants either `kid` or `x5c`; `typ` is what NAIS sets beside a `kid`. */
function headerOf(header: Header) {
  return header.x5c ? header : { ...header, typ: 'JWT' }
}

function signWith(key: () => Promise<CryptoKey>, header: Header): Signer {
  return async (claims) => {
    try {
      return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader(headerOf(header))
        .sign(await key())
    } catch (thrown) {
      throw new MaskinportenClientError('signing_failed', {
        hint: 'the private key cannot sign: it must be an RSA key of 2048 bits or more, made for signatures',
        cause: safeCause(thrown),
      })
    }
  }
}

function signElsewhere(sign: (data: Uint8Array) => Promise<Uint8Array> | Uint8Array, header: Header): Signer {
  return async (claims) => {
    const input = [headerOf(header), claims].map((part) => base64url.encode(JSON.stringify(part))).join('.')
    return `${input}.${base64url.encode(await signatureOf(new TextEncoder().encode(input), sign))}`
  }
}

/** Nothing of what the application's function throws is kept but name and code: it may quote the assertion. */
async function signatureOf(
  data: Uint8Array,
  sign: (data: Uint8Array) => Promise<unknown> | unknown,
): Promise<Uint8Array> {
  let signature: unknown
  try {
    signature = await sign(data)
  } catch (thrown) {
    const cause = safeCause(thrown)
    const what = cause.code === undefined ? 'failed' : `failed (${cause.code})`
    throw new MaskinportenClientError('signing_failed', {
      hint: `the \`sign\` function of the key ${what}: check that the KMS answers and allows the use of the key`,
      retryable: true,
      cause,
    })
  }
  if (isBytes(signature) && signature.byteLength > 0) {
    return new Uint8Array(signature.buffer, signature.byteOffset, signature.byteLength)
  }
  throw new MaskinportenClientError('signing_failed', {
    hint: 'the `sign` function of the key must return the bytes of the signature, as a Uint8Array',
  })
}

/** Also of another realm, as in Jest, where `instanceof` says no. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]'
}

function readKeyId(keyId: unknown): string {
  if (typeof keyId === 'string' && keyId !== '') return keyId
  throw new TypeError('`key.keyId` must be the kid that the key is registered under')
}

function asCryptoKey(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new TypeError('An RSA key imports as a key')
  return key
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
