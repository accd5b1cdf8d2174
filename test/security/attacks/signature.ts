import { constants, createHash, privateEncrypt, sign } from 'node:crypto'
import { READ, WRITE } from '../../conformance/api.js'
import { type Attack, forEach } from '../attack.js'
import { encode, type Forge, ISSUER, type Members, NOW } from '../forge.js'

/** A valid token with another signature. */
function resigned(forge: Forge, change: (signature: Buffer) => Uint8Array): string {
  const [header, payload, signature] = forge.parts()
  return `${header}.${payload}.${encode(change(Buffer.from(signature, 'base64url')))}`
}

const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const bytesOf = (value: bigint, length = 256) =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
const modulusOf = (forge: Forge) => Buffer.from(forge.known.jwk.n, 'base64url')

/**
 * Signatures with wrong bytes. A valid signature has the length of the modulus and a lower value (RFC 8017
 * §8.2.2).
 */
const BYTES: readonly (readonly [string, (signature: Buffer, forge: Forge) => Uint8Array])[] = [
  ['without its first byte', (signature) => signature.subarray(1)],
  ['without its last byte', (signature) => signature.subarray(0, -1)],
  ['of its first half', (signature) => signature.subarray(0, 128)],
  ['after a zero byte', (signature) => Buffer.concat([Buffer.of(0), signature])],
  ['before a zero byte', (signature) => Buffer.concat([signature, Buffer.of(0)])],
  ['repeated', (signature) => Buffer.concat([signature, signature])],
  ['in reverse', (signature) => Buffer.from(signature).reverse()],
  ['of one byte', () => Buffer.of(1)],
  ['of zeros', () => Buffer.alloc(256)],
  ['of the number one', () => bytesOf(1n)],
  ['of ones', () => Buffer.alloc(256, 0xff)],
  ['equal to the modulus', (_, forge) => modulusOf(forge)],
  ['equal to the modulus minus one', (_, forge) => bytesOf(numberOf(modulusOf(forge)) - 1n)],
  ['plus the modulus', (signature, forge) => bytesOf(numberOf(signature) + numberOf(modulusOf(forge)), 257)],
  [
    'subtracted from the modulus',
    (signature, forge) => bytesOf(numberOf(modulusOf(forge)) - numberOf(signature)),
  ],
  ['in hexadecimal', (signature) => Buffer.from(signature.toString('hex'))],
]

/** DER of SHA-256's DigestInfo before the digest (RFC 8017 §9.2, note 1). */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

interface Padding {
  readonly type?: number
  readonly fill?: number
  readonly info?: Buffer
  readonly tail?: Buffer
  readonly separator?: number
}

/** A signature by the known key over a block with one error in its padding. */
function padded(forge: Forge, { type = 1, fill = 0xff, info = SHA256_INFO, ...rest }: Padding): string {
  const { tail = Buffer.alloc(0), separator = 0 } = rest
  const [header, payload] = forge.parts()
  const digest = createHash('sha256').update(`${header}.${payload}`).digest()
  const end = Buffer.concat([Buffer.of(separator), info, digest, tail])
  const block = Buffer.concat([Buffer.of(0, type), Buffer.alloc(254 - end.length, fill), end])
  const key = { key: forge.known.privateKey, padding: constants.RSA_NO_PADDING }
  return `${header}.${payload}.${encode(privateEncrypt(key, block))}`
}

const PADDINGS: readonly (readonly [string, Padding])[] = [
  ['of type 0', { type: 0, fill: 0 }],
  ['of type 2', { type: 2 }],
  ['filled with other bytes', { fill: 0xfe }],
  ['without an end', { separator: 0xff }],
  ['with text after the digest', { tail: Buffer.alloc(40, 0x41) }],
  ['with a zero after the digest', { tail: Buffer.alloc(1) }],
  ['without the digest’s identifier', { info: Buffer.alloc(0) }],
  [
    'without the digest’s parameters',
    { info: Buffer.from('302f300b0609608648016503040201' + '0420', 'hex') },
  ],
  ['with the identifier of SHA-1', { info: Buffer.from('3021300906052b0e03021a05000414', 'hex') }],
  ['with the identifier of SHA-512', { info: Buffer.from('3051300d060960864801650304020305000440', 'hex') }],
  [
    'with a length in its long form',
    { info: Buffer.from('308131300d060960864801650304020105000420', 'hex') },
  ],
]

const [CONSUMER, SUPPLIER] = ['991825827', '974761076'].map((number) => ({
  authority: 'iso6523-actorid-upis',
  ID: `0192:${number}`,
}))

/** Changes of claims under an existing signature. */
const WISHES: readonly (readonly [string, Members])[] = [
  ['more scopes', { scope: `${READ} ${WRITE}` }],
  ['another consumer', { consumer: CONSUMER }],
  ['a supplier', { supplier: SUPPLIER }],
  ['an audience', { aud: 'https://api.example.no' }],
  ['another person', { pid: '01010199999' }],
  ['a longer lifetime', { exp: NOW + 3600 }],
  ['the members in another order', { iss: ISSUER, scope: READ, jti: undefined }],
]

/** Signatures of other texts by the known key. */
const ELSEWHERE: readonly (readonly [string, (forge: Forge, header: string, payload: string) => string])[] = [
  ['only the header', (_, header) => header],
  ['only the payload', (_, __, payload) => payload],
  ['header and payload without the dot', (_, header, payload) => header + payload],
  ['payload and header in this order', (_, header, payload) => `${payload}.${header}`],
  ['the decoded parts', (forge) => `${JSON.stringify(forge.header)}.${JSON.stringify(forge.claims)}`],
  ['an empty text', () => ''],
]

/** S05: the form of a signature, and what it covers. */
export const SIGNATURE: readonly Attack[] = [
  ...forEach(
    Array.from(
      { length: 32 },
      (_, index) => [`${index * 8 + (index % 8)}`, index * 8 + (index % 8)] as const,
    ),
    (at) => ({
      id: 'S05',
      token: (forge) =>
        resigned(forge, (signature) => {
          const changed = Buffer.from(signature)
          changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
          return changed
        }),
      refused: 'bad_signature',
    }),
    (title) => `a flipped bit in byte ${title} of the signature`,
  ),
  ...forEach(
    BYTES,
    (change) => ({
      id: 'S05',
      token: (forge) => resigned(forge, (signature) => change(signature, forge)),
      refused: 'bad_signature',
    }),
    (title) => `a signature ${title}`,
  ),
  ...forEach(
    PADDINGS,
    (padding) => ({ id: 'S05', token: (forge) => padded(forge, padding), refused: 'bad_signature' }),
    (title) => `a padding ${title}`,
  ),
  ...forEach(
    WISHES,
    (claims) => ({
      id: 'S05',
      token: (forge) => {
        const [header, , signature] = forge.parts()
        return `${header}.${encode({ ...forge.claims, ...claims })}.${signature}`
      },
      refused: 'bad_signature',
    }),
    (title) => `a token changed to have ${title}`,
  ),
  {
    id: 'S05',
    title: 'a token with a changed header',
    token: (forge) => {
      const [, payload, signature] = forge.parts()
      return `${encode({ ...forge.header, typ: 'JWT' })}.${payload}.${signature}`
    },
    refused: 'bad_signature',
  },
  ...forEach(
    ELSEWHERE,
    (signed) => ({
      id: 'S05',
      token: (forge) => {
        const [header, payload] = forge.parts()
        const signature = sign('sha256', Buffer.from(signed(forge, header, payload)), forge.known.privateKey)
        return `${header}.${payload}.${encode(signature)}`
      },
      refused: 'bad_signature',
    }),
    (title) => `a genuine signature of ${title}`,
  ),
  {
    id: 'S05',
    title: 'a token by another key with the kid of the known key',
    token: (forge) => forge.forged(),
    refused: 'bad_signature',
  },
]
