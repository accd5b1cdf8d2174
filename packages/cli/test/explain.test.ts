import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, expect, it, vi } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { explainCommand } from '../src/explain.js'

const directory = await temporaryDirectory()
const [JWKS, TOKEN] = [join(directory, 'jwks.json'), join(directory, 'token')]
const mock = await createMockMaskinporten()
await writeFile(JWKS, JSON.stringify(mock.jwks()))
await writeFile(TOKEN, await mock.issueToken({ scope: 'nav:x.read' }))

const { exitCode } = process
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = exitCode
})

it.each([
  ['nav:x.read', { verdict: 'allowed', token: { scopes: ['nav:x.read'] } }, 0],
  ['nav:x.read nav:x', { verdict: 'refused', reason: 'insufficient_scope' }, 1],
])(
  'with the keys in a file, `explain` fetches nothing and requires every scope in --scope %s',
  async (scopes, explanation, code) => {
    const fetch = vi.spyOn(globalThis, 'fetch')
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const args = ['--issuer', mock.issuer, '--jwks', JWKS, '--file', TOKEN, '--json']
    await explainCommand().parseAsync([...args, '--scope', ...scopes.split(' ')], { from: 'user' })
    expect(JSON.parse(write.mock.calls.map(([text]) => text).join(''))).toMatchObject(explanation)
    expect([process.exitCode, fetch.mock.calls]).toEqual([code, []])
  },
)
