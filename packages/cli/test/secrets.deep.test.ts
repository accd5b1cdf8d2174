import { createMockMaskinporten, startMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'
import { makeKeyPair } from '../src/key-pair.js'
import { CONSUMER, portvakt, scriptOf } from './cli.js'

const { privateJwk, privatePem: PEM } = await makeKeyPair(2048, 'kid-1')
const { p, ...rest } = privateJwk
/** Some generators write a prime factor first, so even the first characters of the JWK are secret. */
const JWK = JSON.stringify({ p, ...rest })
const PRETTY = `${JSON.stringify({ p, ...rest }, undefined, 2)}\n`
const BASE64 = Buffer.from(JWK).toString('base64')
const TOKEN = await createMockMaskinporten().then((other) => other.issueToken())
const mock = await startMockMaskinporten()
afterAll(() => mock.close())

it.each<[string, number, string, readonly string[]]>([
  ['a command', 2, JWK, [JWK]],
  ['an unknown option', 2, JWK, [`--jwk=${JWK}`]],
  ['a choice', 2, PEM, ['token', '--scope', 'a:b', '--environment', PEM]],
  ['a scope', 2, PRETTY, ['token', '--scope', PRETTY]],
  ['a scope for `run`', 2, JWK, ['run', '--expose', JWK, ...scriptOf('')]],
  ['a guarded scope', 2, JWK, ['check-manifest', CONSUMER, '--guards', JWK]],
  ['a new private key’s file', 1, JWK, ['keygen', '--private', JWK]],
  ['a manifest', 1, BASE64, ['scopes', BASE64]],
  ['a manifest to serve', 1, PRETTY, ['serve', '--port', '0', '--nais', PRETTY]],
  ['the values of a template', 1, JWK, ['serve', '--port', '0', '--vars', JWK]],
  ['a URL', 2, TOKEN, ['token', '--scope', 'a:b', '--url', TOKEN]],
  ['a header', 2, JWK, ['check', mock.url, '--scope', 'a:b', '--header', JWK]],
  ['an app', 1, JWK, ['env', '--app', JWK]],
  ['a program', 1, TOKEN, ['run', '--url', mock.url, '--', TOKEN]],
])('a key or a token given as %s ends the command with %i, and is not printed', async (...given) => {
  const [, code, secret, args] = given
  const ended = await portvakt(args, { PORTVAKT_MOCK_URL: mock.url })
  const runs = `${ended.stdout}${ended.stderr}`.match(/[\w+/=-]{16,}/g) ?? []
  expect(ended.code).toBe(code)
  expect(runs.filter((run) => secret.includes(run))).toEqual([])
})
