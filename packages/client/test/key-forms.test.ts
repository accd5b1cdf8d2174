import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { everythingShownOf, LeakScanner } from '../../../test/security/leaks.js'
import { type ClientKey, createMaskinportenClient } from '../src/index.js'

const SCOPE = 'nav:x.read'
const OWN = '991825827'
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PKCS8 = { type: 'pkcs8', format: 'pem' } as const
const pem = privateKey.export(PKCS8).toString()
const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k1' }
const lines = pem.trim().split('\n')
const base64 = (text: string) => Buffer.from(text).toString('base64')
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

let mock: MockMaskinporten
let clientId: string
beforeAll(async () => {
  mock = await createMockMaskinporten({ scopes: [{ name: SCOPE }] })
  const registered = await mock.addClient({
    scopes: [SCOPE],
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'k1' },
  })
  clientId = registered.clientId
})

const clientWith = (key: ClientKey, id = clientId) =>
  createMaskinportenClient({ issuer: mock.issuer, clientId: id, key, fetch: mock.fetch })

describe('a private key in PEM is found', () => {
  test.each<[string, string]>([
    ['after an empty line', `\n\n${pem}`],
    ['after a byte order mark', `\ufeff${pem}`],
    ['with indentation', lines.map((line) => `      ${line}`).join('\n')],
    ['with Windows line breaks', lines.join('\r\n')],
    ['on one line', lines.join(' ')],
    ['in double quotes', `"${pem}"`],
    ['in single quotes', `'${pem.trim()}'`],
    ['with \\n for its line breaks', lines.join('\\n')],
    ['with \\r\\n for its line breaks, in quotes', `"${lines.join('\\r\\n')}\\n"`],
    ['with escaped backslashes', lines.join('\\\\n')],
    [
      'between bag attributes and certificates',
      `Bag Attributes\n    localKeyID: 01 02\nKey Attributes: <No Attributes>\n${pem}Bag Attributes\n${certificate}`,
    ],
    ['after its certificate', certificate + pem],
    ['in base64', base64(pem)],
    ['in base64 with line breaks', base64(pem).replace(/(.{76})/g, '$1\n')],
    ['in base64url', Buffer.from(pem).toString('base64url')],
    ['in base64 of a text with a byte order mark', base64(`\ufeff${pem}`)],
  ])('%s', async (_title, text) => {
    await expect(clientWith({ pem: text, keyId: 'k1' }).getToken({ scope: SCOPE })).resolves.toBeDefined()
  })

  test.each<[string, string]>([
    ['in base64', base64(JSON.stringify(jwk))],
    ['in base64url', Buffer.from(JSON.stringify(jwk)).toString('base64url')],
    ['after a byte order mark', `\ufeff${JSON.stringify(jwk)}\n`],
  ])('and so is a JWK %s', async (_title, text) => {
    await expect(clientWith({ jwk: text }).getToken({ scope: SCOPE })).resolves.toBeDefined()
  })
})

describe('a key that cannot sign is refused at construction, with what to do', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey
  const cut = (text: string, from: number, to: number) => text.slice(0, from) + text.slice(to)

  test.each<[string, unknown, RegExp]>([
    ['without its END line', lines.slice(0, -1).join('\n'), /cut off or damaged/],
    ['cut off in its END line', pem.trim().slice(0, -3), /cut off or damaged/],
    ['cut off in the middle', pem.slice(0, 700), /cut off or damaged/],
    ['that lacks a line', lines.toSpliced(5, 1).join('\n'), /cut off or damaged/],
    ['that lacks four characters', cut(pem, 300, 304), /cut off or damaged/],
    ['with foreign characters', pem.replace('MII', 'M*I'), /cut off or damaged/],
    ['with nothing in it', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----', /cut off or damaged/],
    ['with bytes after it', pem.replace(/\n-----END/, 'AAAA\n-----END'), /cut off or damaged/],
    ['on an elliptic curve', ec.export(PKCS8), /not an RSA key: Maskinporten takes RSA/],
    [
      'on an elliptic curve, in SEC 1',
      ec.export({ type: 'sec1', format: 'pem' }),
      /EC key: Maskinporten takes RSA/,
    ],
    ['of Ed25519', generateKeyPairSync('ed25519', {}).privateKey.export(PKCS8), /not an RSA key/],
    [
      'for RSASSA-PSS',
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey.export(PKCS8),
      /not an RSA/,
    ],
    ['of 1024 bits', rsa(1024).export(PKCS8), /less than 2048 bits/],
    ['of 2040 bits', rsa(2040).export(PKCS8), /less than 2048 bits/],
    ['in PKCS#1', privateKey.export({ type: 'pkcs1', format: 'pem' }), /openssl pkcs8 -topk8 -nocrypt/],
    [
      'that is encrypted',
      privateKey.export({ ...PKCS8, cipher: 'aes-256-cbc', passphrase: 'hemmelig' }),
      /encrypted: decrypt it by `openssl pkey/,
    ],
    ['that is public', publicKey.export({ type: 'spki', format: 'pem' }), /public key/],
    ['that is a certificate', certificate, /`key\.certificateChain`/],
    ['that is a JWK', JSON.stringify(jwk), /give it as `key\.jwk`/],
    ['that is a JWK in base64', base64(JSON.stringify(jwk)), /give it as `key\.jwk`/],
    ['that is a path', '/var/run/secrets/key.pem', /not its path/],
    ['that is empty', '', /must hold a private key/],
    ['that is bytes', Buffer.from(pem), /read its file as utf8/],
    ['beside another one', pem + pem, /several private keys/],
  ])('a key %s', (_title, given, message) => {
    const secrets = new LeakScanner()
    for (const line of String(given).split('\n')) if (!line.startsWith('-----')) secrets.guard(line)
    let thrown: unknown
    try {
      clientWith({ pem: given as string, keyId: 'k1' })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(TypeError)
    expect(String(thrown)).toMatch(/^TypeError: `key\.pem` /)
    expect(String(thrown)).toMatch(message)
    const { message: said } = thrown as TypeError
    if (!/path|JWK/.test(said)) expect(secrets.findIn(everythingShownOf(said))).toEqual([])
  })

  it('an RSA key of 2048 bits with another exponent is accepted', () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey
    expect(() => clientWith({ pem: other.export(PKCS8).toString(), keyId: 'k1' })).not.toThrow()
  })
})

describe('an enterprise certificate in a .p12 file', () => {
  const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const recipe = /^openssl (pkcs12 -in certificate\.p12 .*)$/m.exec(README)?.[1]?.split(' ') ?? []

  it('is converted by the command of the README, and gets a token', async () => {
    const { pem: key, certificateChain } = await mock.issueCertificate({ organisationNumber: OWN })
    const registered = await mock.addClient({
      organisationNumber: OWN,
      scopes: [SCOPE],
      authentication: 'certificate',
    })
    const cwd = mkdtempSync(join(tmpdir(), 'portvakt-p12-'))
    try {
      writeFileSync(join(cwd, 'all.pem'), key + certificateChain)
      const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd, stdio: 'pipe' })
      openssl(...'pkcs12 -export -in all.pem -out certificate.p12 -passout pass:hemmelig'.split(' '))
      expect(recipe).toContain('-out')
      openssl(...recipe, '-passin', 'pass:hemmelig')
      const text = readFileSync(join(cwd, 'certificate.pem'), 'utf8')
      expect(text).toContain('Bag Attributes')
      const client = clientWith({ pem: text, certificateChain: text }, registered.clientId)
      await expect(client.getToken({ scope: SCOPE })).resolves.toBeDefined()
      const escaped = JSON.stringify(text)
      const fromVariable = clientWith({ pem: escaped, certificateChain: escaped }, registered.clientId)
      await expect(fromVariable.getToken({ scope: SCOPE })).resolves.toBeDefined()
    } finally {
      rmSync(cwd, { recursive: true })
    }
  })
})
