import { execFile, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, vi } from 'vitest'
import { Show } from '../../examples/full-loop/src/show.js'

const MAIN = fileURLToPath(new URL('../../examples/full-loop/dist/main.js', import.meta.url))

it('the demo exits with code 0 if every answer is as expected', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN])
  const answers = [...stdout.matchAll(/← (\d+ \w+)/g)].map(([, answer]) => answer)
  expect(answers).toEqual([
    '200 OK',
    '401 no_credentials',
    '401 bad_signature',
    '401 expired',
    '403 insufficient_scope',
    '403 consumer_not_allowed',
    '200 OK',
    '200 OK',
    '200 OK',
    '200 OK',
  ])
  expect(stdout).toContain('consumer 313367002 through supplier 310385980')
  expect(stdout).toContain('last failure unreachable')
  expect(stdout).not.toMatch(/eyJ/)
})

it('the demo reports an unexpected answer', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const server = createServer((_request, response) => response.writeHead(500).end('{}')).listen(
    0,
    '127.0.0.1',
  )
  await new Promise((resolve) => server.on('listening', resolve))
  const show = new Show()
  await show.call(
    { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    { status: 200, caller: 'x' },
  )
  server.close()
  server.closeAllConnections()
  expect(show.differences).toBe(2)
  expect(printed.mock.calls.flat().join('\n')).toContain('the status should have been 200, and was 500')
  printed.mockRestore()
})

it('demo --serve prints working curl commands', async () => {
  const demo = spawn(process.execPath, [MAIN, '--serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const calls: { expected: number; line: string }[] = []
    let expected = 0
    for await (const line of createInterface({ input: demo.stdout })) {
      if (line.startsWith('# ')) expected = Number.parseInt(line.slice(2), 10)
      if (line.startsWith('curl ')) calls.push({ expected, line })
      if (line.startsWith('The tokens live')) break
    }
    expect(calls.map((call) => call.expected)).toEqual([401, 200, 403, 200, 403])
    for (const { expected: status, line } of calls) expect((await runAsCurl(line)).status).toBe(status)
  } finally {
    demo.kill()
  }
})

/** Sends the request of a curl command. */
function runAsCurl(line: string): Promise<Response> {
  const url = line.split(' ').at(-1) ?? ''
  const [, method = 'GET'] = /-X (\w+)/.exec(line) ?? []
  const [, authorization] = /'Authorization: ([^']+)'/.exec(line) ?? []
  return fetch(url, { method, ...(authorization && { headers: { authorization } }) })
}
