import { createServer } from 'node:http'
import { listening } from '../../connection.mjs'
import { answerWith } from '../../processes.mjs'

/**
 * The process of a stand-in for the token endpoint. It verifies nothing, because Maskinporten's work is not
 * measured.
 */
answerWith({
  async open() {
    const token = 'x'.repeat(900)
    const answer = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 86_400 })
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(answer))
    })
    return `http://127.0.0.1:${await listening(server)}/`
  },
})
