import { execFile, spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createMaskinportenValidator } from '@portvakt/core'
import { startMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'
import { temporaryDirectory } from '../temporary-directory.js'

const PYTHON = '/usr/bin/python3'
const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0
const hasPython = runs(PYTHON, '-c', 'import cryptography, jwt')
const hasShell = runs('openssl', 'version') && runs('curl', '--version')
if (process.env['PORTVAKT_REQUIRE_PYTHON'] && !hasPython)
  throw new Error(`PORTVAKT_REQUIRE_PYTHON is set, and ${PYTHON} has no PyJWT: install python3-jwt`)

const mock = await startMockMaskinporten({ scopes: [{ name: 'nav:test/api' }] })
const client = await mock.addClient({ organisationNumber: '991825827', scopes: ['nav:test/api'] })
const validator = createMaskinportenValidator({ issuer: mock.issuer })
afterAll(() => mock.close())

async function consumerOfTokenFrom(command: string, file: string, env: Record<string, string>) {
  const path = fileURLToPath(new URL(`clients/${file}`, import.meta.url))
  const ran = await promisify(execFile)(command, [path], {
    env: { PATH: process.env['PATH'], ...client.env, ...env },
  })
  const { access_token: token } = JSON.parse(ran.stdout)
  return (await validator.verify(token, 'nav:test/api')).consumer.organisationNumber
}

it.skipIf(!hasPython)('NAIS’s sample in Python gets a token (skipped without python3-jwt)', async () => {
  expect(await consumerOfTokenFrom(PYTHON, 'assertion.py', {})).toBe('991825827')
})

const directory = await temporaryDirectory()
it.skipIf(!hasShell)('openssl and curl get a token (skipped if one is not installed)', async () => {
  const KEY_FILE = join(directory, 'key.pem')
  const key = createPrivateKey({ format: 'jwk', key: { ...client.jwk } })
  await writeFile(KEY_FILE, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const env = { KEY_FILE, KEY_ID: client.jwk?.kid ?? '' }
  expect(await consumerOfTokenFrom('/bin/sh', 'assertion.sh', env)).toBe('991825827')
})
