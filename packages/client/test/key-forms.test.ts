import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import type { ClientKey, Fetch } from '../src/index.js'
import { createKit, issued, OWN, rejectionOf, SCOPE } from './kit.js'

const kit = await createKit()
const { jwk, privateKey } = kit
const keyId = kit.identity.key.keyId
const PKCS8 = { type: 'pkcs8', format: 'pem' } as const
const pem = privateKey.export(PKCS8).toString()
const lines = pem.trim().split('\n')
const ENCRYPTED = { ...PKCS8, cipher: 'aes-256-cbc', passphrase: 'hemmelig' }
const signLater = async (data: Uint8Array) => sign('sha384', data, privateKey)
const base64 = (text: string) => Buffer.from(text).toString('base64')
const enterprise = await kit.mock.issueCertificate()
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

const clientWith = (key: ClientKey, clientId = kit.identity.clientId) => kit.client({ key, clientId })

/** Returns the message for a rejected key. Checks that the error shows nothing of the key. */
const mistakeIn = (key: unknown) => {
  const pemLines = String(Object(key).pem)
    .split('\n')
    .filter((line) => !line.includes('-----'))
  return rejectionOf(() => clientWith(key as ClientKey), jwk.d ?? '', ...pemLines)
}

describe('a private key', () => {
  const WITH_BOTH = Buffer.from(JSON.stringify({ ...jwk, x: '>>>???>>>???' })).toString('base64url')
  const bags = `Bag Attributes\n    localKeyID: 01 02\n${pem}Bag Attributes\n${certificate}`
  const inPem = (text: string): ClientKey => ({ pem: text, keyId })
  test.each<[string, ClientKey]>([
    ['a JWK', { jwk }],
    ['a JWK as JSON after a byte order mark', { jwk: `\ufeff${JSON.stringify(jwk)}\n` }],
    ['a JWK in base64', { jwk: base64(JSON.stringify(jwk)) }],
    ['a JWK in base64url with hyphens and underscores', { jwk: WITH_BOTH }],
    ['an async `sign` function for RS384', { sign: signLater, keyId, algorithm: 'RS384' }],
    ['PEM for RS512', { pem, keyId, algorithm: 'RS512' }],
    ['indented PEM with Windows line breaks', inPem(lines.map((line) => `      ${line}`).join('\r\n'))],
    ['PEM with \\r\\n for line breaks, in quotes', inPem(`"${lines.join('\\r\\n')}\\n"`)],
    ['PEM with escaped backslashes', inPem(lines.join('\\\\n'))],
    ['PEM between bag attributes and a certificate', inPem(bags)],
    ['PEM in base64 with line breaks', inPem(base64(pem).replace(/(.{76})/g, '$1\n'))],
  ])('a client whose key is %s gets a token', async (_title, key) => {
    await expect(clientWith(key).getToken({ scope: SCOPE })).resolves.toBeDefined()
  })

  const signing = { sign: () => Uint8Array.of(1), keyId }
  const chained = { pem: enterprise.pem, certificateChain: enterprise.certificateChain }
  test.each<[string, ClientKey, object]>([
    ['`kid` and `typ`, as in NAIS’s clients', { jwk }, { kid: keyId, typ: 'JWT' }],
    ['`kid` and `typ`, also for a key in PEM', { pem, keyId }, { kid: keyId, typ: 'JWT' }],
    ['`kid` and `typ`, also from a `sign` function', signing, { kid: keyId, typ: 'JWT' }],
    ['the whole certificate chain in standard base64, and no `kid`', chained, { x5c: enterprise.x5c }],
  ])('the header of an assertion has %s', async (_title, key, members) => {
    const assertions: string[] = []
    const fetch: Fetch = async (_input, init) => {
      assertions.push(new URLSearchParams(String(init?.body)).get('assertion') ?? '')
      return issued()
    }
    await kit.client({ key, fetch }).getToken({ scope: SCOPE })
    expect(assertions.map(decodeProtectedHeader)).toEqual([{ alg: 'RS256', ...members }])
  })

  const NO_FORM = /^`key` must be { jwk }, { pem, keyId }, .* with or without `algorithm`$/
  const instance = Object.assign(Object.create({ alg: 'hemmelig' }), jwk)
  test.each<[string, unknown, RegExp]>([
    ['null', null, NO_FORM],
    ['a JWK without `jwk` around it', jwk, NO_FORM],
    ['PEM without `pem` around it', pem, NO_FORM],
    ['a JWK that is an instance of a class', { jwk: instance }, /^`key\.jwk` takes a plain/],
    ['an undefined JWK', { jwk: undefined }, /`jwk` is undefined/],
    ['an inherited JWK', Object.create({ jwk }), /^`key`: `jwk`.*Copy its members/],
    ['a JWK that only a Proxy has', new Proxy({}, { get: () => jwk }), /Copy its members/],
    ['JSON that is cut off', { jwk: JSON.stringify(jwk).slice(0, -9) }, /is not JSON/],
    ['PEM with an empty kid', { pem, keyId: '' }, /`key.keyId`/],
    ['PEM with a number as its kid', { pem, keyId: 7 }, /`key.keyId`/],
    [
      'a key for HS256',
      { pem, keyId, algorithm: 'HS256' },
      /`key.algorithm` must be one of RS256, RS384, RS512$/,
    ],
    ['an object with a string as `sign`', { sign: 'x', keyId }, /`key.sign`/],
  ])('a `key` that is %s is rejected, and the error does not quote the key', (_title, key, message) => {
    expect(mistakeIn(key)).toMatch(message)
  })
})

test.each<[string, object]>([
  ['pem', { pem }],
  ['sign', { sign: () => new Uint8Array() }],
  ['keyId', { keyId }],
  ['jwk, keyId', { jwk, keyId }],
  ['certificateChain, keyId, pem', { pem, certificateChain: certificate, keyId }],
  ['keyId, pem, sign', { sign: () => new Uint8Array(), keyId, pem }],
])('a `key` with the members %j is rejected, because no form of a key has these members', (names, key) => {
  expect(mistakeIn(key)).toBe(
    '`key` must be { jwk }, { pem, keyId }, { pem, certificateChain } or { sign, keyId }, each ' +
      `with or without \`algorithm\`. It has the members: ${names}`,
  )
})

describe('a private key in PEM', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey
  const inBlock = (label: string, body: string) =>
    `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`
  const inDer = (...bytes: number[]) => inBlock('PRIVATE KEY', Buffer.from(bytes).toString('base64'))
  const der = Buffer.from(lines.slice(1, -1).join(''), 'base64')
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey
  /** `AlgorithmIdentifier` of rsaEncryption. */
  const RSA = [0x30, 11, 6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1]

  test.each<[string, unknown, RegExp]>([
    ['that is cut off in the middle', pem.slice(0, 700), /cut off or damaged/],
    ['whose END line lacks its last five hyphens', pem.trim().slice(0, -5), /cut off or damaged/],
    ['with the END line of another block', pem.replace('END PRIVATE', 'END PUBLIC'), /cut off or damaged/],
    ['that lacks its BEGIN line', pem.replace('-----BEGIN ', ''), /must hold a private key/],
    ['that lacks a line', lines.toSpliced(5, 1).join('\n'), /cut off or damaged/],
    ['with foreign characters', pem.replace('MII', 'M*I'), /cut off or damaged/],
    ['with a byte after it', inDer(...der, 0), /cut off or damaged/],
    ['of another ASN.1 type', inDer(0x31, 0), /cut off or damaged/],
    ['of indefinite length', inDer(0x30, 0x80, ...new Uint8Array(128)), /cut off or damaged/],
    ['with a length of five bytes', inDer(0x30, 0x85, 0, 0, 0, 0, 2, 5, 0), /cut off or damaged/],
    ['with a length of four bytes', inDer(0x30, 0x84, 0, 0, 0, 2, 5, 0), /not an RSA key/],
    ['without content', inDer(0x30, 0), /not an RSA key/],
    ['without a modulus', inDer(0x30, 16, 2, 1, 0, ...RSA), /less than 2048 bits/],
    ['on an elliptic curve', ec.export(PKCS8), /not an RSA key: Maskinporten accepts RSA/],
    [
      'on an elliptic curve, in SEC 1',
      ec.export({ type: 'sec1', format: 'pem' }),
      /EC key: Maskinporten acc/,
    ],
    ['for RSASSA-PSS', pss.export(PKCS8), /not an RSA key/],
    ['of 2047 bits', rsa(2047).export(PKCS8), /less than 2048 bits/],
    ['in OpenSSH format', inBlock('OPENSSH PRIVATE KEY', 'AAAA'), /OpenSSH format: .*openssl genpkey/],
    ['in PKCS#1', privateKey.export({ type: 'pkcs1', format: 'pem' }), /openssl pkcs8 -topk8 -nocrypt/],
    ['that is encrypted', privateKey.export(ENCRYPTED), /encrypted: decrypt it with `openssl pkey/],
    ['that is public', createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }), /public key/],
    ['that is a certificate', certificate, /`key\.certificateChain`/],
    ['with a block of another type', inBlock('DH PARAMETERS', 'AAAA'), /must hold a private key in PKCS#8/],
    ['that is a JWK after white space', ` ${JSON.stringify(jwk)}`, /give it as `key\.jwk`/],
    ['that is a JWK in base64', base64(JSON.stringify(jwk)), /give it as `key\.jwk`/],
    ['that is a path', '/var/run/secrets/key.pem', /not its path/],
    ['that is bytes', Buffer.from(pem), /read its file as utf8/],
    ['next to another private key', pem + pem, /several private keys/],
  ])('a PEM key %s is rejected, and the error has a fix but no secret', (_title, given, message) => {
    const mistake = mistakeIn({ pem: given, keyId })
    expect(mistake).toMatch(/^`key\.pem` /)
    expect(mistake).toMatch(message)
  })

  it.each([2048, 2050])('an RSA key of %i bits with the public exponent 3 is accepted', (modulusLength) => {
    const other = generateKeyPairSync('rsa', { modulusLength, publicExponent: 3 }).privateKey
    expect(() => clientWith({ pem: other.export(PKCS8).toString(), keyId })).not.toThrow()
  })
})

it('a client gets a token with a .p12 file, converted by the command of the README', async () => {
  const { pem: key, certificateChain } = await kit.mock.issueCertificate({ organisationNumber: OWN })
  const { clientId } = await kit.mock.addClient({
    organisationNumber: OWN,
    scopes: [SCOPE],
    authentication: 'certificate',
  })
  const cwd = mkdtempSync(join(tmpdir(), 'portvakt-p12-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  const openssl = (command: string, ...more: string[]) =>
    execFileSync('openssl', [...command.split(' '), ...more], { cwd, stdio: 'pipe' })
  writeFileSync(join(cwd, 'all.pem'), key + certificateChain)
  openssl('pkcs12 -export -in all.pem -out certificate.p12 -passout pass:hemmelig')
  const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, recipe = ''] = /^openssl (pkcs12 -in certificate\.p12 .*)$/m.exec(README) ?? []
  openssl(recipe, '-passin', 'pass:hemmelig')
  const text = readFileSync(join(cwd, 'certificate.pem'), 'utf8')
  expect(text).toContain('Bag Attributes')
  for (const given of [text, JSON.stringify(text)]) {
    const client = clientWith({ pem: given, certificateChain: given }, clientId)
    await expect(client.getToken({ scope: SCOPE })).resolves.toBeDefined()
  }
})
