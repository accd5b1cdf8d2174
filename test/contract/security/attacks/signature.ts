import { constants, createHash, privateEncrypt, sign } from 'node:crypto'
import { READ, WRITE } from '../../conformance/api.js'
import { type Attack, asTitled, forEach, refused, type Table, type Token, tokens } from '../attack.js'
import { encode, type Forge, ISSUER, type Members, NOW } from '../forge.js'

/** A valid token with its signature changed by `change`. */
function resigned(forge: Forge, change: (signature: Buffer) => Uint8Array): string {
  const [header, payload, signature] = forge.parts()
  return `${header}.${payload}.${encode(change(Buffer.from(signature, 'base64url')))}`
}

function flipped(signature: Buffer, at: number): Buffer {
  signature[at] = (signature[at] ?? 0) ^ (1 << (at % 8))
  return signature
}

const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const bytesOf = (value: bigint, length = 256) =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
const modulusOf = (forge: Forge) => Buffer.from(forge.known.jwk.n, 'base64url')

/**
 * Changes that make a signature invalid. A valid signature has as many bytes as the modulus, and a lower
 * value (RFC 8017 §8.2.2).
 */
const BYTES: Table<(signature: Buffer, forge: Forge) => Uint8Array> = {
  'without its first byte': (signature) => signature.subarray(1),
  'without its last byte': (signature) => signature.subarray(0, -1),
  'cut to its first half': (signature) => signature.subarray(0, 128),
  'with a zero byte in front': (signature) => Buffer.concat([Buffer.of(0), signature]),
  'with a zero byte at the end': (signature) => Buffer.concat([signature, Buffer.of(0)]),
  'written twice': (signature) => Buffer.concat([signature, signature]),
  'with its bytes reversed': (signature) => Buffer.from(signature).reverse(),
  'of one byte': () => Buffer.of(1),
  'of three zero bytes': () => Buffer.alloc(3),
  'of zero bytes': () => Buffer.alloc(256),
  'that encodes the number one': () => bytesOf(1n),
  'of bytes 0xff': () => Buffer.alloc(256, 0xff),
  'equal to the modulus': (_, forge) => modulusOf(forge),
  'equal to the modulus minus one': (_, forge) => bytesOf(numberOf(modulusOf(forge)) - 1n),
  'with the modulus added': (signature, forge) =>
    bytesOf(numberOf(signature) + numberOf(modulusOf(forge)), 257),
  'subtracted from the modulus': (signature, forge) =>
    bytesOf(numberOf(modulusOf(forge)) - numberOf(signature)),
  'in hexadecimal': (signature) => Buffer.from(signature.toString('hex')),
}

/** The DER bytes before the digest in the DigestInfo of SHA-256 (RFC 8017 §9.2, note 1). */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

interface Padding {
  readonly type?: number
  readonly fill?: number
  readonly info?: Buffer
  readonly tail?: Buffer
  readonly separator?: number
}

/** A token that the known key signed, with one error in the padding of the signed block. */
function padded(forge: Forge, { type = 1, fill = 0xff, info = SHA256_INFO, ...rest }: Padding): string {
  const { tail = Buffer.alloc(0), separator = 0 } = rest
  const [header, payload] = forge.parts()
  const digest = createHash('sha256').update(`${header}.${payload}`).digest()
  const end = Buffer.concat([Buffer.of(separator), info, digest, tail])
  const block = Buffer.concat([Buffer.of(0, type), Buffer.alloc(254 - end.length, fill), end])
  const key = { key: forge.known.privateKey, padding: constants.RSA_NO_PADDING }
  return `${header}.${payload}.${encode(privateEncrypt(key, block))}`
}

const PADDINGS: Table<Padding> = {
  'of type 0': { type: 0, fill: 0 },
  'of type 2': { type: 2 },
  'filled with other bytes': { fill: 0xfe },
  'without a zero byte at its end': { separator: 0xff },
  'with text after the digest': { tail: Buffer.alloc(40, 0x41) },
  'with a zero after the digest': { tail: Buffer.alloc(1) },
  'without the digest’s identifier': { info: Buffer.alloc(0) },
  'without the digest’s parameters': { info: Buffer.from('302f300b0609608648016503040201' + '0420', 'hex') },
  'with the identifier of SHA-1': { info: Buffer.from('3021300906052b0e03021a05000414', 'hex') },
  'with the identifier of SHA-512': { info: Buffer.from('3051300d060960864801650304020305000440', 'hex') },
  'with a length in its long form': { info: Buffer.from('308131300d060960864801650304020105000420', 'hex') },
}

const [CONSUMER, SUPPLIER] = ['991825827', '974761076'].map((number) => ({
  authority: 'iso6523-actorid-upis',
  ID: `0192:${number}`,
}))

/** Changes to the claims of a signed token, which keeps its signature. */
const WISHES: Table<Members> = {
  'more scopes': { scope: `${READ} ${WRITE}` },
  'another consumer': { consumer: CONSUMER },
  'a supplier': { supplier: SUPPLIER },
  'an audience': { aud: 'https://api.example.no' },
  'another person': { pid: '01010199999' },
  'a longer lifetime': { exp: NOW + 3600 },
  'no jti': { iss: ISSUER, scope: READ, jti: undefined },
}

/** Texts that the known key signs in place of the signing input. */
const ELSEWHERE: Table<(header: string, payload: string, forge: Forge) => string> = {
  'only the header': (header) => header,
  'only the payload': (_, payload) => payload,
  'the header and payload without the dot between them': (header, payload) => header + payload,
  'the payload before the header': (header, payload) => `${payload}.${header}`,
  'the decoded parts': (_header, _payload, { header, claims }) =>
    `${JSON.stringify(header)}.${JSON.stringify(claims)}`,
  'an empty text': () => '',
}

const forged = (token: Token) => refused('S05', 'bad_signature', token)

/** A token whose signature is the known key's signature of another text. */
function signedElsewhere(forge: Forge, text: (header: string, payload: string, forge: Forge) => string) {
  const [header, payload] = forge.parts()
  const signature = sign('sha256', Buffer.from(text(header, payload, forge)), forge.known.privateKey)
  return `${header}.${payload}.${encode(signature)}`
}

/** Attacks S05, on the form of a signature and the text that it signs. */
export const SIGNATURE: readonly Attack[] = [
  ...forEach(
    asTitled(Array.from({ length: 32 }, (_, index) => `${index * 8 + (index % 8)}`)),
    'a flipped bit in byte %s of the signature',
    (at) => forged((forge) => resigned(forge, (signature) => flipped(signature, Number(at)))),
  ),
  ...forEach(BYTES, 'a signature %s', (change) =>
    forged((forge) => resigned(forge, (signature) => change(signature, forge))),
  ),
  ...forEach(PADDINGS, 'a signature with a padding %s', (padding) =>
    forged((forge) => padded(forge, padding)),
  ),
  ...forEach(WISHES, 'a token changed after signing to have %s', (claims) =>
    forged((forge) => {
      const [header, , signature] = forge.parts()
      return `${header}.${encode({ ...forge.claims, ...claims })}.${signature}`
    }),
  ),
  ...forEach(ELSEWHERE, 'a genuine signature over %s', (text) =>
    forged((forge) => signedElsewhere(forge, text)),
  ),
  ...tokens('S05', 'bad_signature', {
    'a token with a changed header': (forge) => {
      const [, payload, signature] = forge.parts()
      return `${encode({ ...forge.header, typ: 'JWT' })}.${payload}.${signature}`
    },
    'a token signed by another key, with the kid of the known key,': (forge) => forge.forged(),
  }),
]
