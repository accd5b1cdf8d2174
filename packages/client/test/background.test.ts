import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const APP = fileURLToPath(new URL('background-app.mjs', import.meta.url))

/** What the script prints; rejects unless the process ends by itself. */
async function run(work: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [APP, work])).stdout
}

// Deno starts scripts in another way.
describe.skipIf('deno' in process.versions)('a process', () => {
  test.each([
    ['renewal', 'does not wait for the renewal of a token that nothing awaits', '2 requests'],
    ['retry', 'does not wait for the pause before a repeated renewal', '2 requests'],
    ['health', 'does not wait for the fetch that health() begins', '1 requests'],
    ['joined', 'waits for a renewal that a caller awaits', '2 requests'],
    ['awaited', 'waits for a token that a caller awaits', '1 requests'],
  ])('%s: %s', async (work, _title, requests) => {
    expect(await run(work)).toBe(requests)
  })
})
