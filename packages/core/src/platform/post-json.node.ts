import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { GetStatus, Post, PostAnswer, PostOptions } from './post-json.js'

/**
 * Options for our own agents. The global agents and `fetch` are not used, because they can use a proxy. Idle
 * sockets let the process exit.
 */
const KEPT = { keepAlive: true, maxSockets: 64, maxFreeSockets: 64 }
const HTTP = { request: httpRequest, agent: new HttpAgent(KEPT) }
const HTTPS = { request: httpsRequest, agent: new HttpsAgent(KEPT) }

/** Uses `node:http`, which costs a third as much as `fetch`. */
export const post: Post = async (options) => {
  try {
    return await send(options, options.keepAlive)
  } catch (error) {
    if (!(error instanceof KeptConnectionClosed)) throw error
    return send(options, false)
  }
}

export const getStatus: GetStatus = ({ url, signal, inBackground }) =>
  new Promise((resolve, reject) => {
    const { request: start } = url.startsWith('https:') ? HTTPS : HTTP
    const request = start(url, { agent: false, signal })
    if (inBackground) request.on('socket', (socket) => socket.unref())
    request.on('error', reject)
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    request.end()
  })

/**
 * A reused connection closed before an answer arrived. The request is sent again, as it can have been lost.
 */
class KeptConnectionClosed extends Error {}

function send(options: PostOptions, isKept: boolean): Promise<PostAnswer> {
  const { url, body, signal, maxBytes, inBackground } = options
  const { request: start, agent } = url.startsWith('https:') ? HTTPS : HTTP
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    // `agent: false` means a new connection, which is closed after the answer.
    const request = start(url, { method: 'POST', agent: isKept && agent, signal, headers })
    let hasReceived = () => false
    request.on('socket', (socket) => {
      const before = socket.bytesRead
      hasReceived = () => socket.bytesRead > before
      if (inBackground) socket.unref()
    })
    request.on('response', (response) => readBounded(response, maxBytes).then(resolve, reject))
    request.on('error', (error) => {
      const isClosed = request.reusedSocket && !hasReceived() && !signal.aborted
      reject(isClosed ? new KeptConnectionClosed() : error)
    })
    request.end(body)
  })
}

async function readBounded(response: IncomingMessage, maxBytes: number): Promise<PostAnswer> {
  const { statusCode: status = 0, headers } = response
  const head = { status, encoding: headers['content-encoding'], retryAfter: headers['retry-after'] }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.byteLength
    // Leaving the loop destroys the response, and with it the connection.
    if (bytes > maxBytes) return { ...head, body: undefined }
    chunks.push(chunk)
  }
  return { ...head, body: Buffer.concat(chunks) }
}
