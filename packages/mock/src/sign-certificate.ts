import { type KeyObject, randomBytes, sign } from 'node:crypto'

/** A distinguished name: pairs of object identifier and value. */
export type DistinguishedName = readonly (readonly [oid: string, value: string])[]

/** What a certificate says. */
export interface CertificateContent {
  readonly subject: DistinguishedName
  readonly publicKey: KeyObject
  /** Whether its key may certify others. */
  readonly isAuthority: boolean
  /** Milliseconds since the epoch. */
  readonly validFrom: number
  readonly validTo: number
}

/** Who certifies. */
export interface CertificateIssuer {
  readonly name: DistinguishedName
  /** An elliptic key on P-256. */
  readonly privateKey: KeyObject
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'

/**
 * Makes an X.509 certificate, in DER.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export async function signCertificate(
  content: CertificateContent,
  issuer: CertificateIssuer,
): Promise<Buffer> {
  // Loaded with the first certificate: few tests make one, and these are many files.
  const x509 = await import('@peculiar/asn1-x509')
  const { AsnConvert, OctetString } = await import('@peculiar/asn1-schema')

  const nameOf = (name: DistinguishedName) =>
    new x509.Name(
      name.map(([type, value]) => {
        const attribute = new x509.AttributeValue({ utf8String: value })
        return new x509.RelativeDistinguishedName([
          new x509.AttributeTypeAndValue({ type, value: attribute }),
        ])
      }),
    )
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 })
  const constraints = AsnConvert.serialize(new x509.BasicConstraints({ cA: content.isAuthority }))
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    // RFC 5280 §4.1.2.2: positive, and different for each.
    serialNumber: Uint8Array.from([1, ...randomBytes(15)]).buffer,
    signature: algorithm,
    issuer: nameOf(issuer.name),
    validity: new x509.Validity({
      notBefore: new Date(content.validFrom),
      notAfter: new Date(content.validTo),
    }),
    subject: nameOf(content.subject),
    subjectPublicKeyInfo: AsnConvert.parse(
      content.publicKey.export({ type: 'spki', format: 'der' }),
      x509.SubjectPublicKeyInfo,
    ),
    extensions: new x509.Extensions([
      new x509.Extension({
        extnID: x509.id_ce_basicConstraints,
        critical: true,
        extnValue: new OctetString(constraints),
      }),
    ]),
  })
  const signed = Buffer.from(AsnConvert.serialize(tbsCertificate))
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: Uint8Array.from(sign('sha256', signed, issuer.privateKey)).buffer,
  })
  return Buffer.from(AsnConvert.serialize(certificate))
}
