import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const APP = fileURLToPath(new URL('background-app.mjs', import.meta.url))

/** Runs the script and resolves with its output. Rejects unless the process ends by itself. */
async function run(work: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [APP, work])).stdout
}

// Deno starts scripts in another way.
describe.skipIf('deno' in process.versions)('a process', () => {
  test.each([
    ['does not stay alive for a token renewal that nothing awaits', 'renewal', '2 requests'],
    ['stays alive for a token request that a caller awaits', 'request', '1 requests'],
  ])('a process %s', async (_title, work, requests) => {
    expect(await run(work)).toBe(requests)
  })
})
