import { readSequence } from './der.js'
import { bytesOf, pemBlocks } from './key-text.js'

const NOT_WHOLE = '`key.certificateChain` must hold whole certificates in PEM'

/**
 * Reads the certificates of a PEM text, and checks that the first one is for the private key.
 *
 * @param modulus the modulus of the private key, in DER
 * @returns each certificate's DER in base64 (not base64url), the signing certificate first (RFC 7515 §4.1.6)
 * @throws {TypeError} if a certificate is missing or damaged, or the first one is for another key
 */
export function readChain(pem: unknown, modulus: Uint8Array): string[] {
  if (typeof pem !== 'string') throw new TypeError(NOT_WHOLE)
  const blocks = pemBlocks(pem).filter(({ label }) => label === 'CERTIFICATE')
  const chain = blocks.map(({ body }) => body)
  const [own, ...others] = chain.map((body) => readSequence(bytesOf(body)))
  if (own === undefined || others.includes(undefined)) throw new TypeError(NOT_WHOLE)
  // The certificate has the modulus in the same DER as the private key, so its other parts need not be read.
  if (!binary(own).includes(binary(modulus)))
    throw new TypeError(
      'The first certificate of `key.certificateChain` is not for the key in `key.pem`: give that certificate ' +
        'first, and then the certificate of its issuer',
    )
  return chain
}

/** Maps each byte to one character. */
function binary(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}
