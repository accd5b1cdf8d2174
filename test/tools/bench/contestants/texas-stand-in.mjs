import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { listening } from '../../connection.mjs'
import { answerWith } from '../../processes.mjs'

/**
 * The process of a stand-in for Texas. Like Texas, it checks one token at a time under a lock, looks up an
 * unknown key under that lock, and does not cache missing keys. It verifies no signatures.
 *
 * @see https://github.com/nais/texas/blob/b7b2193/src/handler.rs
 */
answerWith({
  /** @param lookUp the latency of the key endpoint, in milliseconds */
  async open({ jwks, lookUp }) {
    const known = new Set(jwks.keys.map(({ kid }) => kid))
    let lock = Promise.resolve()
    // Connections stay open between blocks, which can take longer than Node's five seconds on a busy machine.
    const server = createServer({ keepAliveTimeout: 600_000 }, async (request, response) => {
      if (request.method !== 'POST') return response.writeHead(405).end()
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      const verdict = lock.then(() => verdictOn(JSON.parse(body).token))
      lock = verdict.then(() => undefined)
      const answer = await verdict
      return response.setHeader('content-type', 'application/json').end(answer)
    })

    async function verdictOn(token) {
      const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
      if (payload === undefined) return '{"active":false,"error":"invalid token header: InvalidToken"}'
      if (known.has(JSON.parse(header).kid)) return `{"active":true,${payload.slice(1)}`
      await setTimeout(lookUp)
      return '{"active":false,"error":"token can not be validated with this identity provider"}'
    }

    return `http://127.0.0.1:${await listening(server)}/api/v1/introspect`
  },
})
