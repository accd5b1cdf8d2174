import { generateKeyPair, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { type Clock, takeOptions } from '@portvakt/core'
import { checkOrganisationNumber } from '../organisation-claim.js'
import type { CertificateIssuer, DistinguishedName } from './sign-certificate.js'

/** Whose certificate to make, and for how long. */
export interface IssueCertificateOptions {
  /** The organisation that it names. Default 314330897. */
  readonly organisationNumber?: string
  /** Days from now until it expires. Default 365; a negative number makes an expired one. */
  readonly expiresInDays?: number
}

/** A test enterprise certificate (virksomhetssertifikat) with its private key. */
export interface MockCertificate {
  /** The private key: PKCS#8 in PEM. */
  readonly pem: string
  /** PEM, the own certificate first, then up to the root. */
  readonly certificateChain: string
  /** The same chain as an assertion's header holds it. */
  readonly x5c: readonly string[]
}

/** Issues enterprise certificates that nobody but this mock trusts. */
export interface CertificateAuthority {
  /** Its own root, once it has issued anything, and those that were given. */
  trustedRoots(): readonly X509Certificate[]
  /** Its own intermediate, once it has issued anything. */
  intermediates(): readonly X509Certificate[]
  /** @throws {TypeError} naming the option that is wrong */
  issue(options: IssueCertificateOptions): Promise<MockCertificate>
}

const DAY = 86_400_000
const ORGANISATION_NAME = '2.5.4.10'
const ORGANISATION_IDENTIFIER = '2.5.4.97'

/**
 * @param trusted more roots, in PEM
 * @param owner whom certificates name unless told otherwise
 * @throws {TypeError} when one of the roots is not a certificate
 */
export function createCertificateAuthority(
  clock: Clock,
  trusted: readonly string[],
  owner: string,
): CertificateAuthority {
  const roots = trusted.map(readRoot)
  const intermediates: X509Certificate[] = []
  let authority: ReturnType<typeof createAuthority> | undefined

  async function ownAuthority() {
    // With the first certificate: most mocks never need one.
    authority ??= createAuthority(clock.now()).then((made) => {
      roots.push(new X509Certificate(made.root))
      intermediates.push(new X509Certificate(made.intermediate))
      return made
    })
    return authority
  }

  return {
    trustedRoots: () => roots,
    intermediates: () => intermediates,
    async issue(given) {
      const options = takeOptions(given, ['organisationNumber', 'expiresInDays'], 'issueCertificate')
      const number = checkOrganisationNumber(options.organisationNumber ?? owner, 'organisationNumber')
      const { expiresInDays = 365 } = options
      if (!Number.isFinite(expiresInDays)) throw new TypeError('`expiresInDays` must be a number')
      const { COMMON_NAME, signCertificate } = await import('./sign-certificate.js')
      const { issuer, intermediate, root } = await ownAuthority()
      const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
      const validTo = clock.now() + expiresInDays * DAY
      const subject: DistinguishedName = [
        [ORGANISATION_NAME, `TEST ${number}`],
        [ORGANISATION_IDENTIFIER, `NTRNO-${number}`],
        [COMMON_NAME, `TEST ${number}`],
      ]
      const validFrom = Math.min(clock.now(), validTo) - DAY
      const own = signCertificate({ subject, publicKey, isAuthority: false, validFrom, validTo }, issuer)
      const chain = [own, intermediate, root]
      return Object.freeze({
        pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        certificateChain: chain.map((der) => new X509Certificate(der).toString()).join(''),
        x5c: Object.freeze(chain.map((der) => der.toString('base64'))),
      })
    },
  }
}

/** A root and an intermediate, as the real issuers have. Both keys are RSA: node-forge reads no others. */
async function createAuthority(now: number) {
  const newPair = () => promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const [rootPair, issuerPair] = await Promise.all([newPair(), newPair()])
  const { COMMON_NAME, signCertificate } = await import('./sign-certificate.js')
  const rootIssuer: CertificateIssuer = {
    name: [[COMMON_NAME, 'Portvakt Test Root']],
    privateKey: rootPair.privateKey,
  }
  const issuer: CertificateIssuer = {
    name: [[COMMON_NAME, 'Portvakt Test CA']],
    privateKey: issuerPair.privateKey,
  }
  const rest = { isAuthority: true, validFrom: now - 3650 * DAY, validTo: now + 3650 * DAY }
  const root = signCertificate(
    { subject: rootIssuer.name, publicKey: rootPair.publicKey, ...rest },
    rootIssuer,
  )
  const intermediate = signCertificate(
    { subject: issuer.name, publicKey: issuerPair.publicKey, ...rest },
    rootIssuer,
  )
  return { issuer, intermediate, root }
}

function readRoot(pem: unknown): X509Certificate {
  try {
    if (typeof pem === 'string') return new X509Certificate(pem)
  } catch {
    // Told below.
  }
  throw new TypeError('`trustedRoots` must be certificates in PEM')
}
