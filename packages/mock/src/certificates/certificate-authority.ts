import { generateKeyPair, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@portvakt/core'
import { numberBetween, takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber } from '../organisation-claim.js'
import type { CertificateIssuer, DistinguishedName } from './sign-certificate.js'

/** The content of a certificate. */
export interface IssueCertificateOptions {
  /** Default 314330897. */
  readonly organisationNumber?: string
  /** Days until the certificate expires. Default 365; a negative number makes an expired certificate. */
  readonly expiresInDays?: number
}

/** A test enterprise certificate (virksomhetssertifikat) with its private key. */
export interface MockCertificate {
  /** The private key: PKCS#8 in PEM. */
  readonly pem: string
  /** The certificate chain in PEM: the leaf certificate first, then its issuers up to the root. */
  readonly certificateChain: string
  /** The same chain as the value of `x5c` in an assertion's header. */
  readonly x5c: readonly string[]
}

const DAY = 86_400_000
const ORGANISATION_NAME = '2.5.4.10'
const ORGANISATION_IDENTIFIER = '2.5.4.97'

/**
 * Issues enterprise certificates that only this mock trusts. When the first certificate is issued, the mock
 * begins to trust its own root, and to complete certificate chains with its own intermediate.
 *
 * @param trusted additional trusted roots, in PEM
 * @param owner the default organisation of certificates
 * @throws {TypeError} for a root that is not a certificate
 */
export function createCertificateAuthority(clock: Clock, trusted: readonly string[], owner: string) {
  const trustedRoots = trusted.map(readRoot)
  const intermediates: X509Certificate[] = []
  let authority: ReturnType<typeof createAuthority> | undefined

  async function ownAuthority() {
    authority ??= createAuthority(clock.now()).then((made) => {
      trustedRoots.push(new X509Certificate(made.root))
      intermediates.push(new X509Certificate(made.intermediate))
      return made
    })
    return authority
  }

  /** @throws {TypeError} naming the wrong option */
  async function issue(given: IssueCertificateOptions): Promise<MockCertificate> {
    const options = takeOptions(given, ['organisationNumber', 'expiresInDays'], 'issueCertificate')
    const number = checkOrganisationNumber(options.organisationNumber ?? owner, 'organisationNumber')
    const { expiresInDays = 365 } = options
    numberBetween(expiresInDays, -36_500, 36_500, 'expiresInDays')
    const { COMMON_NAME, signCertificate } = await import('./sign-certificate.js')
    const { issuer, intermediate, root } = await ownAuthority()
    const { publicKey, privateKey } = await newKeyPair()
    const validTo = clock.now() + expiresInDays * DAY
    const validFrom = Math.min(clock.now(), validTo) - DAY
    const subject: DistinguishedName = [
      [ORGANISATION_NAME, `TEST ${number}`],
      [ORGANISATION_IDENTIFIER, `NTRNO-${number}`],
      [COMMON_NAME, `TEST ${number}`],
    ]
    const own = signCertificate({ subject, publicKey, isAuthority: false, validFrom, validTo }, issuer)
    const chain = [own, intermediate, root]
    return Object.freeze({
      pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      certificateChain: chain.map((der) => new X509Certificate(der).toString()).join(''),
      x5c: Object.freeze(chain.map((der) => der.toString('base64'))),
    })
  }

  return { trustedRoots, intermediates, issue }
}

const newKeyPair = () => promisify(generateKeyPair)('rsa', { modulusLength: 2048 })

/**
 * Makes a root certificate and an intermediate certificate, as real issuers have. Both keys are RSA, because
 * clients that use node-forge can read only RSA.
 */
async function createAuthority(now: number) {
  const [rootPair, issuerPair] = await Promise.all([newKeyPair(), newKeyPair()])
  const { COMMON_NAME, signCertificate } = await import('./sign-certificate.js')
  const named = (name: string, { privateKey }: typeof rootPair): CertificateIssuer => ({
    name: [[COMMON_NAME, name]],
    privateKey,
  })
  const rootIssuer = named('Portvakt Test Root', rootPair)
  const issuer = named('Portvakt Test CA', issuerPair)
  const rest = { isAuthority: true, validFrom: now - 3650 * DAY, validTo: now + 3650 * DAY }
  const certify = ({ name }: CertificateIssuer, { publicKey }: typeof rootPair) =>
    signCertificate({ subject: name, publicKey, ...rest }, rootIssuer)
  return { issuer, intermediate: certify(issuer, issuerPair), root: certify(rootIssuer, rootPair) }
}

function readRoot(pem: unknown): X509Certificate {
  try {
    if (typeof pem === 'string') return new X509Certificate(pem)
  } catch {
    // The text is not a certificate, which the error below reports.
  }
  throw new TypeError('`trustedRoots` must be certificates in PEM')
}
