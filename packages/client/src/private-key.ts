import { readElement, readSequence } from './der.js'
import { bytesOf, decodedBase64, pemBlocks } from './key-text.js'

/** Error texts for PEM blocks other than an unencrypted PKCS#8 key, by the label of the block. */
const OTHER_BLOCKS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'RSA PRIVATE KEY':
      'is in PKCS#1: convert it to PKCS#8 with `openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem`',
    'ENCRYPTED PRIVATE KEY': 'is encrypted: decrypt it with `openssl pkey -in key.pem -out plain.pem`',
    'EC PRIVATE KEY': 'is an EC key: Maskinporten accepts RSA keys of 2048 bits or more',
    'OPENSSH PRIVATE KEY':
      'is in OpenSSH format: make a new key with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`',
    CERTIFICATE: 'holds a certificate, not a private key: certificates belong in `key.certificateChain`',
    'PUBLIC KEY': 'holds a public key: give the private key',
  }),
)

const DAMAGED = 'is cut off or damaged: copy the whole block, from its BEGIN line to its END line'

export interface PrivateKey {
  /** The key alone, in PEM. */
  readonly text: string
  /** The modulus in DER, so with a zero byte first if its highest bit is set. */
  readonly modulus: Uint8Array
}

/**
 * Finds the private key in a PEM text and checks that it is a whole RSA key of at least 2048 bits.
 *
 * @throws {TypeError} naming the mistake and its fix, without quoting the key
 */
export function readPrivateKey(pem: unknown): PrivateKey {
  if (typeof pem !== 'string')
    refuse('must be a private key in PKCS#8 as text (-----BEGIN PRIVATE KEY-----): read its file as utf8')
  const blocks = pemBlocks(pem)
  const [key, ...others] = blocks.filter(({ label }) => label === 'PRIVATE KEY')
  if (others.length > 0) refuse('holds several private keys: give the one that is registered')
  if (key === undefined) {
    const [problem] = blocks.flatMap(({ label }) => OTHER_BLOCKS.get(label) ?? [])
    if (problem !== undefined) refuse(problem)
    if ((decodedBase64(pem) ?? pem).trimStart().startsWith('{')) refuse('is a JWK: give it as `key.jwk`')
    refuse('must hold a private key in PKCS#8 (-----BEGIN PRIVATE KEY-----): the text itself, not its path')
  }
  const text = `-----BEGIN PRIVATE KEY-----\n${key.body}\n-----END PRIVATE KEY-----\n`
  return { text, modulus: readModulus(key.body) }
}

function refuse(problem: string): never {
  throw new TypeError(`\`key.pem\` ${problem}`)
}

/** `AlgorithmIdentifier` of rsaEncryption, RFC 8017 appendix A.1. */
const RSA_ENCRYPTION = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]

/** Reads `PrivateKeyInfo` (RFC 5208 §5) only far enough to determine the type and size of the key. */
function readModulus(base64: string): Uint8Array {
  const info = readSequence(bytesOf(base64))
  if (info === undefined) refuse(DAMAGED)
  const version = readElement(info, 0)
  const algorithm = version && readElement(info, version.end)
  const isRsa = RSA_ENCRYPTION.every((byte, at) => algorithm?.content[at] === byte)
  if (!algorithm || !isRsa) refuse('is not an RSA key: Maskinporten accepts RSA keys of 2048 bits or more')
  // PrivateKey ::= OCTET STRING of RSAPrivateKey ::= SEQUENCE { version, modulus, … }
  const octets = readElement(info, algorithm.end)
  const rsaKey = octets && readElement(octets.content, 0)
  const rsaVersion = rsaKey && readElement(rsaKey.content, 0)
  const modulus = rsaVersion && readElement(rsaKey.content, rsaVersion.end)
  return checkModulus(modulus?.content, '`key.pem`')
}

/** @throws {TypeError} if the modulus has less than 2048 bits. The message begins with `owner`. */
export function checkModulus(modulus: Uint8Array | undefined, owner: string): Uint8Array {
  if (modulus && bitsOf(modulus) >= 2048) return modulus
  throw new TypeError(
    `${owner} is an RSA key of less than 2048 bits, which Maskinporten does not accept: make a longer key`,
  )
}

/**
 * Returns the number of bits. If the modulus's highest bit is set, a zero byte precedes the modulus to keep
 * the number positive.
 */
function bitsOf(modulus: Uint8Array): number {
  const [highest = 0] = modulus
  return modulus.length * 8 - (Math.clz32(highest) - 24)
}
