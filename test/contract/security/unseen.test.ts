import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { createMaskinportenValidator } from '@portvakt/core'
import { requireMaskinportenScope } from '@portvakt/express'
import { requireMaskinportenScope as requireOnKoa } from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import express from 'express'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'

/**
 * Events that a guard does not see (docs/production.md, "What a middleware does not see"). No call has a
 * token.
 */
describe.each(['Express', 'Koa'])('server events of a guarded app on %s', async (name) => {
  const { issuer, fetch } = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer, fetch })
  let ran: string[]
  let server: Server
  const handler = () => void ran.push('handler')
  const onKoa = () => new Koa().use(requireOnKoa('nav:x.read', { validator })).use(handler).callback()
  const onExpress = () => express().use(requireMaskinportenScope('nav:x.read', { validator })).use(handler)
  beforeEach(() => {
    ran = []
    server = createServer(name === 'Koa' ? onKoa() : onExpress())
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  /** Sends these lines, and returns everything received until the connection ends. */
  async function exchange(...lines: readonly string[]): Promise<string> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(`${lines.join('\r\n')}\r\nHost: localhost\r\n\r\n`)
    let received = ''
    for await (const chunk of socket) received += chunk
    return received
  }
  const statusIn = (answer: string) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]

  const UPGRADE = ['GET / HTTP/1.1', 'Connection: Upgrade, close', 'Upgrade: websocket']
  const CONNECT = ['CONNECT localhost:80 HTTP/1.1']
  const CONTINUE = ['POST / HTTP/1.1', 'Connection: close', 'Content-Length: 0', 'Expect: 100-continue']
  const EXPECTATION = ['GET / HTTP/1.1', 'Connection: close', 'Expect: something']

  test.each<[string, readonly string[]]>([
    ['upgrade', UPGRADE],
    ['connect', CONNECT],
  ])('a server’s listener for %s gets the socket, and the guarded app does not', async (event, lines) => {
    server.on(event, (_request, socket) => {
      ran.push(event)
      socket.end()
    })
    expect([await exchange(...lines), ran]).toEqual(['', [event]])
  })

  test.each<[string, readonly string[]]>([
    ['checkContinue', CONTINUE],
    ['checkExpectation', EXPECTATION],
  ])('a server’s listener for %s gets the request, and the guarded app does not', async (event, lines) => {
    server.on(event, (_request, response) => {
      ran.push(event)
      response.end()
    })
    expect([statusIn(await exchange(...lines)), ran]).toEqual(['200', [event]])
  })

  it('a server’s listener for checkContinue can pass the request to the guard', async () => {
    server.on('checkContinue', (request, response) => server.emit('request', request, response))
    expect([statusIn(await exchange(...CONTINUE)), ran]).toEqual(['401', []])
  })

  test.each<[string, readonly string[], RegExp]>([
    ['upgrade, the guard refuses an upgrade', UPGRADE, /^HTTP\/1\.1 401 /],
    ['connect, Node closes the connection of a CONNECT request', CONNECT, /^$/],
    [
      'checkContinue, Node sends 100 Continue before the guard refuses',
      CONTINUE,
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /,
    ],
    ['checkExpectation, Node refuses any expectation but 100-continue', EXPECTATION, /^HTTP\/1\.1 417 /],
  ])('without a listener for %s', async (_title, lines, answer) => {
    expect(await exchange(...lines)).toMatch(answer)
    expect(ran).toEqual([])
  })

  it('a second `request` listener of a server also gets the request that the guard refuses', async () => {
    server.on('request', () => ran.push('request'))
    expect([statusIn(await exchange('GET / HTTP/1.1', 'Connection: close')), ran]).toEqual([
      '401',
      ['request'],
    ])
  })

  // Express does not serve HTTP/2.
  it.skipIf(name === 'Express')('on HTTP/2, a `stream` listener also gets a refused request', async () => {
    // The type of Koa's listener allows only HTTP/1.
    const http2 = createHttp2Server(onKoa() as never).on('stream', () => ran.push('stream'))
    await once(http2.listen(0, '127.0.0.1'), 'listening')
    const session = connectHttp2(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`)
    const [headers] = await once(session.request({ ':path': '/' }), 'response')
    session.destroy()
    http2.close()
    expect([headers[':status'], ran]).toEqual([401, ['stream']])
  })
})
