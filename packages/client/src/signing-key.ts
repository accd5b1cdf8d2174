import type { SignatureAlgorithm } from '@portvakt/core'
import { ALGORITHMS, isObject, safeCause, takeOptions } from '@portvakt/core/internal'
import {
  base64url,
  type CompactJWSHeaderParameters,
  CompactSign,
  type CryptoKey,
  importJWK,
  importPKCS8,
  type JWK,
} from 'jose'
import { readChain } from './certificate-chain.js'
import { MaskinportenClientError } from './client-error.js'
import { readJwk } from './private-jwk.js'
import { readPrivateKey } from './private-key.js'

/** The key with which the client signs its assertions. */
export type ClientKey =
  /**
   * A private JWK with `kid`, as NAIS provides it: an object, its JSON, or base64 of its JSON. Its `alg` is not
   * read: `algorithm` is RS256 by default, for every form of the key.
   */
  | { readonly jwk: JWK | string; readonly algorithm?: SignatureAlgorithm }
  /**
   * A private key in PEM (PKCS#8), with the `kid` under which it is registered. Text around the PEM block,
   * indentation and `\n` in place of line breaks are accepted. The whole text can be in base64.
   */
  | { readonly pem: string; readonly keyId: string; readonly algorithm?: SignatureAlgorithm }
  /**
   * A private key in PEM with its enterprise certificate. `certificateChain` is the whole chain in PEM, the
   * client's own certificate first. Both members can be the same text, such as the output of
   * `openssl pkcs12 -nodes`.
   */
  | { readonly pem: string; readonly certificateChain: string; readonly algorithm?: SignatureAlgorithm }
  /**
   * A key that never leaves its KMS or HSM: `sign` signs the bytes with RSASSA-PKCS1-v1_5. `attemptTimeout`
   * bounds each call, unless the call blocks the thread. A later attempt can call `sign` again.
   */
  | {
      readonly sign: (data: Uint8Array) => Promise<Uint8Array> | Uint8Array
      readonly keyId: string
      readonly algorithm?: SignatureAlgorithm
    }

type Sign = Extract<ClientKey, { readonly sign: unknown }>['sign']

/** The members that any form of {@link ClientKey} can have. */
interface KeyMembers {
  readonly jwk?: JWK | string
  readonly pem?: string
  readonly sign?: Sign
  readonly keyId?: string
  readonly certificateChain?: string
  readonly algorithm?: SignatureAlgorithm
}

/** The members of each form of {@link ClientKey}, sorted, without `algorithm`. */
const FORMS: readonly string[] = ['jwk', 'keyId, pem', 'certificateChain, pem', 'keyId, sign']

/**
 * Signs claims and returns a compact JWS. Rejects with a {@link MaskinportenClientError} `signing_failed`.
 */
export type Signer = (claims: object) => Promise<string>

/**
 * Checks the form of a key at once, and imports the key when it is first used.
 *
 * @param variable the variable that the key comes from, if it is not an option
 * @throws {TypeError} naming the mistake, without quoting the key
 */
export function createSigner(given: ClientKey, variable?: string): Signer {
  // A JWK, a `KeyObject`, or the text of a key, for example. `takeOptions` rejects members that only a Proxy has.
  const has = (name: string) => name in given || Reflect.get(given, name) !== undefined
  if (!isObject(given) || !['jwk', 'pem', 'sign', 'keyId'].some(has)) throw new TypeError(RULE)
  const key = takeOptions<KeyMembers>(
    given,
    ['jwk', 'pem', 'sign', 'keyId', 'certificateChain', 'algorithm'],
    '`key`',
  )
  checkForm(key)
  const alg = key.algorithm ?? 'RS256'
  if (!ALGORITHMS.includes(alg))
    throw new TypeError(`\`key.algorithm\` must be one of ${ALGORITHMS.join(', ')}`)

  if (key.jwk !== undefined) {
    const jwk = readJwk(key.jwk, variable)
    return signWith(() => importJWK(jwk.key, alg), { alg, kid: jwk.kid, typ: 'JWT' })
  }
  if (key.sign !== undefined) {
    if (typeof key.sign !== 'function') throw new TypeError('`key.sign` must be a function')
    return signElsewhere(key.sign, { alg, kid: readKeyId(key.keyId), typ: 'JWT' })
  }
  const { text, modulus } = readPrivateKey(key.pem)
  // Digdir accepts `kid` or `x5c`, not both. NAIS's own clients send `typ` together with `kid`.
  const header: CompactJWSHeaderParameters =
    key.certificateChain === undefined
      ? { alg, kid: readKeyId(key.keyId), typ: 'JWT' }
      : { alg, x5c: readChain(key.certificateChain, modulus) }
  return signWith(() => importPKCS8(text, alg), header)
}

const RULE =
  '`key` must be { jwk }, { pem, keyId }, { pem, certificateChain } or { sign, keyId }, each with or without ' +
  '`algorithm`'

/** Rejects a mix of several forms, because some of its members would be ignored. */
function checkForm({ algorithm: _, ...key }: KeyMembers): void {
  const members = Object.keys(key).sort().join(', ')
  if (FORMS.includes(members)) return
  throw new TypeError(`${RULE}. It has the members: ${members}`)
}

/** @param load imports the key; called once */
function signWith(load: () => Promise<CryptoKey | Uint8Array>, header: CompactJWSHeaderParameters): Signer {
  let key: ReturnType<typeof load> | undefined
  return async (claims) => {
    try {
      key ??= load()
      return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader(header)
        .sign(await key)
    } catch (thrown) {
      const fix = 'the key may be damaged: copy it again, or register a new one'
      const hint = { cause: 'the private key cannot sign', fix }
      throw new MaskinportenClientError('signing_failed', { hint, cause: safeCause(thrown) })
    }
  }
}

function signElsewhere(sign: Sign, header: CompactJWSHeaderParameters): Signer {
  return async (claims) => {
    const input = [header, claims].map((part) => base64url.encode(JSON.stringify(part))).join('.')
    return `${input}.${base64url.encode(await signatureOf(new TextEncoder().encode(input), sign))}`
  }
}

/**
 * Calls the application's `sign` function. Keeps only the name and code of its error, because the rest may
 * quote the assertion.
 */
async function signatureOf(data: Uint8Array, sign: Sign): Promise<Uint8Array> {
  let signature: unknown
  try {
    signature = await sign(data)
  } catch (thrown) {
    const cause = safeCause(thrown)
    const failed = cause.code === undefined ? 'failed' : `failed (${cause.code})`
    const fix = 'check that the KMS answers and allows the use of the key'
    const hint = { cause: `the \`sign\` function of the key ${failed}`, fix }
    throw new MaskinportenClientError('signing_failed', { hint, retryable: true, cause })
  }
  if (isBytes(signature) && signature.byteLength > 0) {
    return new Uint8Array(signature.buffer, signature.byteOffset, signature.byteLength)
  }
  const cause = 'the `sign` function of the key did not return a signature'
  const hint = { cause, fix: 'return the bytes of the signature as a Uint8Array' }
  throw new MaskinportenClientError('signing_failed', { hint })
}

/**
 * Whether a value is a `Uint8Array`. Also accepts one from another realm, for example in Jest, for which
 * `instanceof Uint8Array` is false.
 */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]'
}

function readKeyId(keyId: unknown): string {
  if (typeof keyId === 'string' && keyId !== '') return keyId
  throw new TypeError('`key.keyId` must be the kid that the key is registered under')
}
