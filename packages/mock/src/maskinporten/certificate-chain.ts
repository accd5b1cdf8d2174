import { type KeyObject, X509Certificate } from 'node:crypto'
import type { Clock } from '@portvakt/core'
import { GrantError } from './grant-error.js'

export interface CertificateRules {
  readonly clock: Clock
  /** Trust anchors: roots or intermediates. */
  readonly trustedRoots: readonly X509Certificate[]
  /** Certificates that can complete a chain, but are not trusted by themselves. */
  readonly intermediates: readonly X509Certificate[]
  /** Whether `x5c` must have the form that Digdir documents: the whole chain, in base64 without white space. */
  readonly strictCertificates: boolean
}

/**
 * Verifies an enterprise certificate and its chain up to the first trust anchor. Certificates after the anchor
 * are ignored.
 *
 * Digdir documents that `x5c` is the whole chain. In practice, most clients send only their own certificate,
 * some with line breaks in its base64, and Maskinporten gives them tokens. Therefore, unless the rules are
 * strict, the mock completes a chain with its own intermediate certificate and ignores white space. Neither
 * of these exceptions changes which certificates are trusted.
 *
 * @param x5c the header member of the assertion: the client's certificate first, each certified by the next
 * @returns the public key of the client's certificate
 * @throws {GrantError} MP-120, MP-122 or MP-123
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant `x5c`
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1.6 `x5c`
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6.1 path validation
 */
export function checkCertificates(
  x5c: unknown,
  organisationNumber: string,
  { clock, trustedRoots, intermediates, strictCertificates }: CertificateRules,
): KeyObject {
  const sent = readChain(x5c, strictCertificates)
  const chain = strictCertificates ? sent : complete(sent, intermediates)
  checkPath(chain, trustedRoots, clock.now())
  const [own] = chain
  if (organisationOf(own) !== organisationNumber)
    throw new GrantError(
      'MP-122',
      `The certificate is not that of ${organisationNumber}, the client's owner.`,
    )
  if (own.publicKey.asymmetricKeyType !== 'rsa')
    throw new GrantError('MP-120', 'The certificate must have an RSA key.')
  return own.publicKey
}

type Chain = readonly [X509Certificate, ...X509Certificate[]]

function readChain(x5c: unknown, isStrict: boolean): Chain {
  if (!Array.isArray(x5c)) throw new GrantError('MP-123', '`x5c` must be an array, even for one certificate.')
  const [own, ...others] = x5c.map((entry, index) => {
    if (typeof entry === 'string') {
      const base64 = isStrict ? entry : entry.replaceAll(/[ \t\r\n]/g, '')
      const certificate = readCertificate(base64)
      // Accept only base64 of DER (RFC 7515 §4.1.6). Node also reads PEM and other encodings.
      if (certificate?.raw.toString('base64') === base64) return certificate
    }
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

/** Adds the issuer of the last certificate, if that issuer is one of the intermediates. */
function complete(chain: Chain, intermediates: readonly X509Certificate[]): Chain {
  const last = chain.at(-1) ?? chain[0]
  const issuer = intermediates.find((one) => certifies(one, last))
  return issuer ? [...chain, issuer] : chain
}

function certifies(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}

function checkPath(chain: Chain, trusted: readonly X509Certificate[], now: number): void {
  for (const [index, certificate] of chain.entries()) {
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo))
      throw new GrantError('MP-120', `Certificate ${index} of \`x5c\` has expired, or is not valid yet.`)
    const isAnchor = (one: X509Certificate) => one.fingerprint256 === certificate.fingerprint256
    // The chain can omit the trust anchor, because the verifier already has it.
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

/**
 * Returns the organisation number in a certificate. In the Norwegian profile, the number is the
 * organizationIdentifier `NTRNO-…` or, in older certificates, the subject's serialNumber.
 */
function organisationOf(certificate: X509Certificate): string | undefined {
  const subject: object = certificate.toLegacyObject().subject
  const identifier: unknown = Reflect.get(subject, 'organizationIdentifier')
  if (typeof identifier === 'string') return /^NTRNO-([0-9]{9})$/.exec(identifier)?.[1]
  const serialNumber: unknown = Reflect.get(subject, 'serialNumber')
  return typeof serialNumber === 'string' ? serialNumber : undefined
}
