import { expect, it, vi } from 'vitest'
import { Show } from '../../examples/full-loop/src/show.js'
import { serve } from '../contract/conformance/host.js'
import { startExample } from './examples.js'

it('the full-loop demo counts and prints the differences of an unexpected answer', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const server = await serve((_request, response) => void response.writeHead(500).end('{}'))
  const show = new Show()
  await show.call({ url: `http://127.0.0.1:${server.port}/` }, { status: 200, caller: 'x' })
  await server.close()
  expect(show.differences).toBe(2)
  expect(printed.mock.calls.flat().join('\n')).toContain('the status should have been 200, and was 500')
  printed.mockRestore()
})

it('the full-loop demo with --serve prints working curl commands', async () => {
  const demo = startExample('full-loop', '--serve')
  try {
    const calls: { expected: number; line: string }[] = []
    let expected = 0
    for await (const line of demo.lines) {
      if (line.startsWith('# ')) expected = Number.parseInt(line.slice(2), 10)
      if (line.startsWith('curl ')) calls.push({ expected, line })
      if (line.startsWith('The tokens live')) break
    }
    expect(calls.map((call) => call.expected)).toEqual([401, 200, 403, 200, 403])
    for (const { expected: status, line } of calls) expect((await runAsCurl(line)).status).toBe(status)
  } finally {
    demo.stop()
  }
})

/** Sends the request of a curl command. */
function runAsCurl(line: string): Promise<Response> {
  const url = line.split(' ').at(-1) ?? ''
  const [, method = 'GET'] = /-X (\w+)/.exec(line) ?? []
  const [, authorization] = /'Authorization: ([^']+)'/.exec(line) ?? []
  return fetch(url, { method, ...(authorization && { headers: { authorization } }) })
}
