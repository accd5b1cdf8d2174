import { constants, createHash, privateEncrypt, sign } from 'node:crypto'
import { READ, WRITE } from '../../conformance/api.js'
import { type Attack, forEach } from '../attack.js'
import { encode, type Forge, ISSUER, type Members, NOW } from '../forge.js'

/** The token that is let in, with other bytes for its signature. */
function resigned(forge: Forge, change: (signature: Buffer) => Uint8Array): string {
  const [header, payload, signature] = forge.parts()
  return `${header}.${payload}.${encode(change(Buffer.from(signature, 'base64url')))}`
}

const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const bytesOf = (value: bigint, length = 256) =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
const modulusOf = (forge: Forge) => Buffer.from(forge.known.jwk.n, 'base64url')

/** A signature is only as good as its length, and as a number below the modulus (RFC 8017 §8.2.2). */
const BYTES: readonly (readonly [string, (signature: Buffer, forge: Forge) => Uint8Array])[] = [
  ['without its first byte', (signature) => signature.subarray(1)],
  ['without its last byte', (signature) => signature.subarray(0, -1)],
  ['of its first half', (signature) => signature.subarray(0, 128)],
  ['after a zero byte', (signature) => Buffer.concat([Buffer.of(0), signature])],
  ['before a zero byte', (signature) => Buffer.concat([signature, Buffer.of(0)])],
  ['twice', (signature) => Buffer.concat([signature, signature])],
  ['turned round', (signature) => Buffer.from(signature).reverse()],
  ['of one byte', () => Buffer.of(1)],
  ['of zeros', () => Buffer.alloc(256)],
  ['of the number one', () => bytesOf(1n)],
  ['of nothing but ones', () => Buffer.alloc(256, 0xff)],
  ['that is the modulus', (_, forge) => modulusOf(forge)],
  ['that is the modulus less one', (_, forge) => bytesOf(numberOf(modulusOf(forge)) - 1n)],
  ['plus the modulus', (signature, forge) => bytesOf(numberOf(signature) + numberOf(modulusOf(forge)), 257)],
  ['taken from the modulus', (signature, forge) => bytesOf(numberOf(modulusOf(forge)) - numberOf(signature))],
  ['written in hexadecimal', (signature) => Buffer.from(signature.toString('hex'))],
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

/** A signature by the genuine key over a block whose padding is wrong in one thing. */
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
  ['type 0', { type: 0, fill: 0 }],
  ['type 2', { type: 2 }],
  ['filled with other bytes', { fill: 0xfe }],
  ['that never ends', { separator: 0xff }],
  ['with text after the digest', { tail: Buffer.alloc(40, 0x41) }],
  ['with a zero after the digest', { tail: Buffer.alloc(1) }],
  ['without the name of the digest', { info: Buffer.alloc(0) }],
  [
    'without the parameters of the digest',
    { info: Buffer.from('302f300b0609608648016503040201' + '0420', 'hex') },
  ],
  ['that names SHA-1', { info: Buffer.from('3021300906052b0e03021a05000414', 'hex') }],
  ['that names SHA-512', { info: Buffer.from('3051300d060960864801650304020305000440', 'hex') }],
  ['with a length in long form', { info: Buffer.from('308131300d060960864801650304020105000420', 'hex') }],
]

const [CONSUMER, SUPPLIER] = ['991825827', '974761076'].map((number) => ({
  authority: 'iso6523-actorid-upis',
  ID: `0192:${number}`,
}))

/** What an attacker would like a token to say. */
const WISHES: readonly (readonly [string, Members])[] = [
  ['more scopes', { scope: `${READ} ${WRITE}` }],
  ['another consumer', { consumer: CONSUMER }],
  ['a supplier', { supplier: SUPPLIER }],
  ['an audience', { aud: 'https://api.example.no' }],
  ['another person', { pid: '01010199999' }],
  ['a longer life', { exp: NOW + 3600 }],
  ['the same, with its members in another order', { iss: ISSUER, scope: READ, jti: undefined }],
]

/** A genuine signature of something else. */
const ELSEWHERE: readonly (readonly [string, (forge: Forge, header: string, payload: string) => string])[] = [
  ['the header alone', (_, header) => header],
  ['the payload alone', (_, __, payload) => payload],
  ['both without the dot', (_, header, payload) => header + payload],
  ['both in the other order', (_, header, payload) => `${payload}.${header}`],
  ['the decoded parts', (forge) => `${JSON.stringify(forge.header)}.${JSON.stringify(forge.claims)}`],
  ['nothing', () => ''],
]

/** S05: what a signature covers, and what a signature is. */
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
    (title) => `${title}, under the signature of a token without`,
  ),
  {
    id: 'S05',
    title: 'another header, under the signature of a token without',
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
    title: 'the attacker’s signature in the name of the known key',
    token: (forge) => forge.forged(),
    refused: 'bad_signature',
  },
]
