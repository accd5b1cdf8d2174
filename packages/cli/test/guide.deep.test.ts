import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'
import { serve } from '../../../test/contract/conformance/host.js'
import { blocksOf } from '../../../test/docs/blocks.js'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { BIN } from './cli.js'

const COMMANDS = blocksOf('docs/real-token.md').map(({ code }) => code.trim())
const CLIENT_ID = 'a1b2c3d4-0000-4000-8000-000000000000'
const SCOPE = 'nav:x.read'

const directory = await temporaryDirectory()
const mock = await startMockMaskinporten({ scopes: [{ name: SCOPE }] })
const api = await serve((_request, response) => response.writeHead(204).end())
afterAll(() => Promise.all([api.close(), mock.close()]))

/** Runs a command of the guide in a shell, with the mock in place of Digdir's test environment. */
function run(command: string, env: Record<string, string | undefined> = {}) {
  const script = command
    .replaceAll('npx --no-install portvakt', `"${process.execPath}" "${BIN}"`)
    .replaceAll('--environment test', `--issuer ${mock.url}`)
    .replaceAll('https://test.maskinporten.no/', mock.url)
    .replaceAll('https://api.example.no/vedtak', `http://127.0.0.1:${api.port}/vedtak`)
  const options = { cwd: directory, env: { PATH: process.env['PATH'], ...env } }
  return new Promise<{ code: number | null; stdout: string }>((resolve) => {
    const child = execFile('/bin/sh', ['-c', script], options, (_error, stdout) =>
      resolve({ code: child.exitCode, stdout }),
    )
  })
}

it('every command of docs/real-token.md succeeds when the commands run in order', async () => {
  const [keygen = '', ...others] = COMMANDS
  expect(await run(keygen)).toEqual({ code: 0, stdout: '' })
  const read = (name: string) => readFile(join(directory, name), 'utf8')
  const jwk = JSON.parse(await read('maskinporten-public.jwk'))
  await mock.addClient({ clientId: CLIENT_ID, jwk, scopes: [SCOPE] })
  // The application's variables. Only `doctor` without options reads them.
  const env = {
    MASKINPORTEN_ISSUER: mock.url,
    MASKINPORTEN_CLIENT_ID: CLIENT_ID,
    MASKINPORTEN_CLIENT_JWK: (await read('maskinporten-private.jwk')).trim(),
    MASKINPORTEN_SCOPES: SCOPE,
  }
  const ended = []
  for (const command of others) ended.push(await run(command, / doctor$/.test(command) ? env : {}))
  expect(ended).toEqual(
    [/^eyJ\S+\n$/, /✓ api: it answers 204\n/, /✓ scope nav:x\.read/, /^allowed\n/, /^$/, /^eyJ\S+\n$/].map(
      (stdout) => ({ code: 0, stdout: expect.stringMatching(stdout) }),
    ),
  )
})
