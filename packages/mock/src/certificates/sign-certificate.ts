import { type KeyObject, randomBytes, sign } from 'node:crypto'
import * as der from './der.js'

/** A distinguished name: pairs of object identifier and value. */
export type DistinguishedName = readonly (readonly [oid: string, value: string])[]

export const COMMON_NAME = '2.5.4.3'

export interface CertificateContent {
  readonly subject: DistinguishedName
  readonly publicKey: KeyObject
  readonly isAuthority: boolean
  /** Milliseconds since the epoch. */
  readonly validFrom: number
  readonly validTo: number
}

export interface CertificateIssuer {
  readonly name: DistinguishedName
  /** An RSA key. */
  readonly privateKey: KeyObject
}

/** The parameters of this algorithm are NULL (RFC 4055 §5). */
const RSA_WITH_SHA256 = der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), der.NULL)

/** Makes an X.509 certificate in DER. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
export function signCertificate(content: CertificateContent, issuer: CertificateIssuer): Buffer {
  // DER omits a member that has its default value, here `cA` if it is FALSE (X.690 §11.5).
  const constraints = der.octetString(content.isAuthority ? der.sequence(der.TRUE) : der.sequence())
  const basicConstraints = der.sequence(der.objectIdentifier('2.5.29.19'), der.TRUE, constraints)
  const signed = der.sequence(
    der.tagged(0, der.integer(2)), // version 3
    // The serial number is positive and unique (RFC 5280 §4.1.2.2).
    der.integer(1, ...randomBytes(15)),
    RSA_WITH_SHA256,
    nameOf(issuer.name),
    der.sequence(der.time(content.validFrom), der.time(content.validTo)),
    nameOf(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    der.tagged(3, der.sequence(basicConstraints)),
  )
  return der.sequence(signed, RSA_WITH_SHA256, der.bitString(sign('sha256', signed, issuer.privateKey)))
}

function nameOf(name: DistinguishedName): Buffer {
  return der.sequence(
    ...name.map(([oid, value]) => der.setOf(der.sequence(der.objectIdentifier(oid), der.utf8String(value)))),
  )
}
