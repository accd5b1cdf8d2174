import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientKey } from '@portvakt/client'
import { createMockMaskinporten } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../../mock/test/temporary-directory.js'
import { checkKey } from '../../src/doctor/key.js'
import { makeKeyPair } from '../../src/key-pair.js'

const directory = await temporaryDirectory()
const { privateJwk, privatePem } = await makeKeyPair(2048, 'kid-1')
const mock = await createMockMaskinporten()
const certificate = await mock.issueCertificate()
const expired = await mock.issueCertificate({ expiresInDays: -1 })

const base64 = (text: string) => Buffer.from(text).toString('base64')
const DETAIL = 'RSA, 2048 bits, kid kid-1'

it.each<[string, ClientKey]>([
  ['a JWK', { jwk: privateJwk }],
  ['the text of a JWK', { jwk: `\n${JSON.stringify(privateJwk)} ` }],
  ['base64 of a JWK', { jwk: base64(JSON.stringify(privateJwk)) }],
  ['PEM', { pem: privatePem, keyId: 'kid-1' }],
  ['base64 of PEM', { pem: base64(privatePem), keyId: 'kid-1' }],
  ['PEM with \\n for line breaks', { pem: `"${privatePem.replaceAll('\n', '\\n')}"`, keyId: 'kid-1' }],
  ['PEM after other text', { pem: `Bag Attributes\n  a: b\n${privatePem}`, keyId: 'kid-1' }],
])('checkKey reports the size and the id of a key given as %s', async (_title, key) => {
  expect(await checkKey(key, undefined)).toBe(DETAIL)
})

it('checkKey reports when the certificate of a key expires', async () => {
  const detail = /^RSA, 2048 bits, with a certificate until \d{4}-\S+Z, in 365 d$/
  expect(await checkKey(certificate, undefined)).toMatch(detail)
})

it.each<[string, ClientKey, RegExp]>([
  ['a JWK with a damaged prime', { jwk: { ...privateJwk, p: 'AAAA' } }, /do not belong/],
  ['damaged PEM', { pem: privatePem.replace(/\n.{40}/, '\n'), keyId: 'a' }, /cannot be read/],
  ['an expired certificate', expired, /not valid now \(until .* ago\)/],
  ['the certificate of another key', { ...certificate, pem: privatePem }, /not that of the key/],
])('checkKey rejects %s, and the error does not quote the key', async (_title, key, message) => {
  const error = await checkKey(key, undefined).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ message: expect.stringMatching(message), fix: expect.any(String) })
  expect(JSON.stringify([String(error), error])).not.toContain(privateJwk.d?.slice(0, 20))
})

it('checkKey accepts a key file that other users can read, and advises changing the file’s mode', async () => {
  const file = join(directory, 'my key.jwk')
  await writeFile(file, '', { mode: 0o600 })
  expect(await checkKey({ jwk: privateJwk }, file)).toBe(DETAIL)
  await chmod(file, 0o640)
  const fix = `other users can read it: chmod 600 '${file}'`
  expect(await checkKey({ jwk: privateJwk }, file)).toEqual({ detail: DETAIL, fix })
})
