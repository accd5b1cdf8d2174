import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../examples/consume/dist/main.js', import.meta.url))

it.each([
  ['its own key', [], 'JWT grant: 1 token request'],
  ['Texas', ['--texas'], 'Texas: 1 token request'],
])('the example consumer gets its tokens with %s and calls the API', async (_what, options, summary) => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...options])
  const lines = stdout.trim().split('\n')
  expect(lines).toHaveLength(4)
  for (const line of lines.slice(0, 3)) expect(line).toContain('"consumer":"314330897"')
  expect(lines[3]).toBe(summary)
})
