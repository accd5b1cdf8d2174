import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, expect, it, vi } from 'vitest'
import { explainCommand } from '../src/explain.js'

const { exitCode } = process
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = exitCode
})

/** Runs the command in this process, with a mock's keys in one file and a token of the mock in another. */
async function explain(scope: string) {
  const mock = await createMockMaskinporten()
  const directory = await mkdtemp(join(tmpdir(), 'portvakt-'))
  const [jwks, token] = [join(directory, 'jwks.json'), join(directory, 'token')]
  await writeFile(jwks, JSON.stringify(mock.jwks()))
  await writeFile(token, await mock.issueToken({ scope: 'nav:x.read' }))
  const printed: string[] = []
  const fetch = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network here'))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  const args = ['--issuer', mock.issuer, '--jwks', jwks, '--file', token, '--scope', scope]
  await explainCommand().parseAsync([...args, '--json'], { from: 'user' })
  await rm(directory, { recursive: true })
  return { explanation: JSON.parse(printed.join('')), code: process.exitCode, fetched: fetch.mock.calls }
}

it.each([
  ['nav:x.read', { verdict: 'allowed', token: { scopes: ['nav:x.read'] } }, 0],
  ['nav:x', { verdict: 'refused', reason: 'insufficient_scope' }, 1],
])('with the keys in a file, `explain --scope %s` needs no network', async (scope, verdict, code) => {
  expect(await explain(scope)).toMatchObject({ explanation: verdict, code, fetched: [] })
})
