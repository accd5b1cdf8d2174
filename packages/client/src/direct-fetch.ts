import type { Fetch } from './exchange.js'

/**
 * A `fetch` of text from a sidecar that uses no proxy, on Node; undefined on other runtimes.
 *
 * The global `fetch` may use the proxy of the environment or of a global dispatcher. Texas listens on 127.0.0.1, and
 * NAIS's default NO_PROXY is `localhost` (nais/naiserator 808737d, 2026-06), so the token would pass the proxy.
 */
export function directFetch(): Fetch | undefined {
  const { versions, getBuiltinModule: load }: Partial<NodeJS.Process> = globalThis.process ?? {}
  if (!load || versions?.['bun'] || versions?.['deno']) return undefined
  const [http, https, { Readable }] = [load('node:http'), load('node:https'), load('node:stream')]

  return (input, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(String(input))
      const { request: start } = url.protocol === 'https:' ? https : http
      // `agent: false`, because the global agent may use the proxy too. The connection closes after the answer.
      const init = { method, headers: Object.fromEntries(new Headers(headers)), agent: false }
      const request = start(url, signal ? { ...init, signal } : init)
      request.on('error', reject)
      request.on('response', (answer) => {
        const { statusCode: status = 0 } = answer
        const isEmpty = [204, 205, 304].includes(status)
        // The same class at run time: Node and the DOM declare it differently.
        const stream = Readable.toWeb(answer) as ReadableStream
        const given = { status, headers: { 'retry-after': answer.headers['retry-after'] ?? '' } }
        try {
          resolve(new Response(isEmpty ? null : stream, given))
        } catch (error) {
          // A status that `Response` does not take.
          reject(error)
          answer.destroy()
        }
      })
      request.end(body)
    })
}
