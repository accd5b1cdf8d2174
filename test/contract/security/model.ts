import { verify } from 'node:crypto'
import { READ } from '../conformance/api.js'
import { DIGESTS, type Forge, ISSUER, type Members } from './forge.js'

/**
 * Returns whether claims from `JSON.parse` must be accepted. This independent model shares no code with the
 * library, and has no order of checks and no reasons.
 */
export function isAcceptable(claims: Members, now: number): boolean {
  const is = (name: string, test: (value: unknown) => boolean) =>
    claims[name] === undefined || test(claims[name])
  const has = (name: string, test: (value: unknown) => boolean) =>
    claims[name] !== undefined && test(claims[name])
  const { iat, exp, nbf, scope } = claims
  return (
    has('iss', (value) => value === ISSUER) &&
    has('exp', isFiniteNumber) &&
    has('iat', isFiniteNumber) &&
    is('nbf', isFiniteNumber) &&
    has('scope', isText) &&
    has('consumer', isOrganisation) &&
    is('supplier', isOrganisation) &&
    ['delegation_source', 'client_id', 'client_amr', 'jti', 'sub'].every((name) => is(name, isText)) &&
    is('aud', (value) => isText(value) || (Array.isArray(value) && value.every(isText))) &&
    is('pid', (value) => isText(value) && /^\d{11}$/.test(String(value))) &&
    is('authorization_details', (value) => Array.isArray(value) && value.every(isRecord)) &&
    claims['cnf'] === undefined &&
    Number(exp) + 10 > now &&
    Number(iat) - 10 <= now &&
    (nbf === undefined || Number(nbf) - 10 <= now) &&
    Number(exp) - Number(iat) <= 86_400 &&
    String(scope).split(' ').includes(READ)
  )
}

/** Returns whether a header must be accepted. {@link isSigned} checks the key and the signature. */
export function isAcceptableHeader(header: Members): boolean {
  const { alg, kid, typ } = header
  return (
    typeof alg === 'string' &&
    Object.hasOwn(DIGESTS, alg) &&
    typeof kid === 'string' &&
    /^[!-~]{1,256}$/.test(kid) &&
    !/["\\]/.test(kid) &&
    (typ === undefined || (typeof typ === 'string' && /^(application\/)?(at\+)?jwt$/i.test(typ))) &&
    !('crit' in header) &&
    !('b64' in header) &&
    !('enc' in header)
  )
}

/** Returns whether `node:crypto` verifies the signature with the published key. */
export function isSigned(token: string, { known }: Forge): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
  if (kid !== known.jwk.kid || !Object.hasOwn(DIGESTS, alg)) return false
  const digest = DIGESTS[alg as keyof typeof DIGESTS]
  return verify(
    digest,
    Buffer.from(`${header}.${payload}`),
    known.publicKey,
    Buffer.from(signature, 'base64url'),
  )
}

const isText = (value: unknown) => typeof value === 'string'
const isFiniteNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value)

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOrganisation(value: unknown): boolean {
  if (!isRecord(value)) return false
  return ['authority', 'ID'].every((name) => typeof value[name] === 'string' && value[name] !== '')
}
