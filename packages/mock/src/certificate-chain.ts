import { type KeyObject, X509Certificate } from 'node:crypto'
import type { Clock } from '@portvakt/core'
import { GrantError } from './grant-error.js'

/** What certificates are judged by. */
export interface CertificateRules {
  readonly clock: Clock
  /** The certificates that end a chain: roots, or intermediates. */
  trustedRoots(): readonly X509Certificate[]
}

/**
 * Verifies an enterprise certificate and its chain up to the first trusted certificate. What follows that one is
 * not read: the path ends at the trust anchor.
 *
 * @param x5c of the assertion's header: the own certificate first, each certified by the next
 * @returns the key of the own certificate
 * @throws {GrantError} MP-120, MP-122 or MP-123
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1.6 `x5c`
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6.1 path validation
 */
export function checkCertificates(
  x5c: unknown,
  organisationNumber: string,
  { clock, trustedRoots }: CertificateRules,
): KeyObject {
  const chain = readChain(x5c)
  checkPath(chain, trustedRoots(), clock.now())
  const [own] = chain
  if (organisationOf(own) !== organisationNumber) {
    throw new GrantError(
      'MP-122',
      `The certificate is not that of ${organisationNumber}, which owns the client.`,
    )
  }
  if (own.publicKey.asymmetricKeyType !== 'rsa')
    throw new GrantError('MP-120', 'The certificate must have an RSA key.')
  return own.publicKey
}

type Chain = readonly [X509Certificate, ...X509Certificate[]]

function readChain(x5c: unknown): Chain {
  if (!Array.isArray(x5c))
    throw new GrantError('MP-123', '`x5c` must be an array, also with one certificate.')
  const [own, ...others] = x5c.map((entry, index) => {
    const certificate = typeof entry === 'string' ? readCertificate(entry) : undefined
    // RFC 7515 §4.1.6: base64 of DER. Node would also read PEM, and other spellings.
    if (certificate?.raw.toString('base64') === entry && certificate) return certificate
    throw new GrantError(
      'MP-123',
      `Entry ${index} of \`x5c\` is not a certificate: base64 of DER, no PEM lines.`,
    )
  })
  if (!own) throw new GrantError('MP-123', '`x5c` is empty.')
  return [own, ...others]
}

function readCertificate(base64: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}

function certifies(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}

function checkPath(chain: Chain, trusted: readonly X509Certificate[], now: number): void {
  for (const [index, certificate] of chain.entries()) {
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo))
      throw new GrantError('MP-120', `Certificate ${index} of \`x5c\` has expired, or is not valid yet.`)
    const isAnchor = (one: X509Certificate) => one.fingerprint256 === certificate.fingerprint256
    // The trusted certificate itself may be left out: the verifier has it.
    if (trusted.some((one) => isAnchor(one) || certifies(one, certificate))) return
    const issuer = chain[index + 1]
    if (issuer && !certifies(issuer, certificate))
      throw new GrantError('MP-123', `Certificate ${index} of \`x5c\` was not issued by the one after it.`)
  }
  const last = chain.at(-1) ?? chain[0]
  if (certifies(last, last)) throw new GrantError('MP-120', 'The root of `x5c` is not trusted here.')
  throw new GrantError(
    'MP-123',
    '`x5c` is incomplete: the whole chain is needed, up to a trusted certificate.',
  )
}

/** The Norwegian profile: organizationIdentifier `NTRNO-…`, or before that the subject's serialNumber. */
function organisationOf(certificate: X509Certificate): string | undefined {
  const subject: object = certificate.toLegacyObject().subject
  const identifier: unknown = Reflect.get(subject, 'organizationIdentifier')
  if (typeof identifier === 'string') return /^NTRNO-([0-9]{9})$/.exec(identifier)?.[1]
  const serialNumber: unknown = Reflect.get(subject, 'serialNumber')
  return typeof serialNumber === 'string' ? serialNumber : undefined
}
