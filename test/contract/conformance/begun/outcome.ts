import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'

/** A complete answer as "status body", or `BROKEN_OFF`. */
export type Outcome = string
export const BROKEN_OFF: Outcome = 'broken off'

/** A request whose caller can disconnect. */
export interface Call {
  readonly port: number
  readonly token: string | undefined
  readonly left: AbortSignal
  /** Called when the caller has received the headers. */
  readonly onHeaders: () => void
}

export const overHttp1 = ({ port, token, left, onHeaders }: Call): Promise<Outcome> =>
  new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    request({ port, host: '127.0.0.1', headers, agent: false, signal: left })
      .on('error', () => resolve(BROKEN_OFF))
      .on('response', (response) => {
        onHeaders()
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk
        })
        response.on('error', () => undefined)
        response.on('close', () => resolve(response.complete ? `${response.statusCode} ${body}` : BROKEN_OFF))
      })
      .end()
  })

/**
 * Calls over HTTP/1.0, as many proxies do. Without a `content-length`, the end of the connection ends the
 * body.
 */
export const overHttp10 = ({ port, token, left, onHeaders }: Call): Promise<Outcome> =>
  new Promise((resolve) => {
    let received = ''
    let outcome = BROKEN_OFF
    const socket = connect({ port, host: '127.0.0.1', signal: left })
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk
      onHeaders()
    })
    socket.on('error', () => undefined)
    socket.on('end', () => {
      const [, status, body] = /^HTTP\/1\.1 (\d+) [\s\S]*?\r\n\r\n([\s\S]*)$/.exec(received) ?? []
      if (status) outcome = `${status} ${body}`
    })
    socket.on('close', () => resolve(outcome))
    const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
    socket.write(`GET / HTTP/1.0\r\nHost: localhost\r\n${authorization}\r\n`)
  })

export const overHttp2 = ({ port, token, left, onHeaders }: Call): Promise<Outcome> =>
  new Promise((resolve) => {
    let status: number | undefined
    let body = ''
    let outcome = BROKEN_OFF
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const stream = session.request({ ':path': '/', ...authorization }, { signal: left })
    stream.on('response', (headers) => {
      status = headers[':status']
      onHeaders()
    })
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    stream.on('error', () => undefined)
    stream.on('end', () => {
      if (status !== undefined && stream.rstCode === 0) outcome = `${status} ${body}`
    })
    stream.on('close', () => {
      session.close()
      resolve(outcome)
    })
  })
