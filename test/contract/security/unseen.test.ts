import { createServer, type Server } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createMaskinportenValidator } from '@portvakt/core'
import { requireMaskinportenScope } from '@portvakt/express'
import { requireMaskinportenScope as requireOnKoa } from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import express from 'express'
import Koa from 'koa'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { running, sendHttp2 } from '../conformance/host.js'

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

  /** Sends these lines, and returns everything received until the connection ends. */
  async function exchange(...lines: readonly string[]): Promise<string> {
    const { port, close } = await running(server)
    const socket = connect(port, '127.0.0.1')
    socket.write(`${lines.join('\r\n')}\r\nHost: localhost\r\n\r\n`)
    const received = await text(socket)
    await close()
    return received
  }

  const NOTHING = /^$/
  const OK = /^HTTP\/1\.1 200 /
  const UNAUTHORIZED = /^HTTP\/1\.1 401 /
  const UPGRADE = ['GET / HTTP/1.1', 'Connection: Upgrade, close', 'Upgrade: websocket']
  const CONNECT = ['CONNECT localhost:80 HTTP/1.1']
  const CONTINUE = ['POST / HTTP/1.1', 'Connection: close', 'Content-Length: 0', 'Expect: 100-continue']
  const EXPECTATION = ['GET / HTTP/1.1', 'Connection: close', 'Expect: something']

  test.each<[string, readonly string[], RegExp]>([
    ['upgrade', UPGRADE, NOTHING],
    ['connect', CONNECT, NOTHING],
    ['checkContinue', CONTINUE, OK],
    ['checkExpectation', EXPECTATION, OK],
  ])(
    `on ${name}, a server’s listener for %s gets the request, and the guarded app does not`,
    async (event, lines, answer) => {
      server.on(event, (_request, socketOrResponse) => {
        ran.push(event)
        socketOrResponse.end()
      })
      expect(await exchange(...lines)).toMatch(answer)
      expect(ran).toEqual([event])
    },
  )

  test.each<[string, readonly string[], RegExp]>([
    ['upgrade, the guard refuses an upgrade', UPGRADE, UNAUTHORIZED],
    ['connect, Node closes the connection of a CONNECT request', CONNECT, NOTHING],
    [
      'checkContinue, Node sends 100 Continue before the guard refuses',
      CONTINUE,
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /,
    ],
    ['checkExpectation, Node refuses any expectation but 100-continue', EXPECTATION, /^HTTP\/1\.1 417 /],
  ])(`on ${name}, without a listener for %s`, async (_title, lines, answer) => {
    expect(await exchange(...lines)).toMatch(answer)
    expect(ran).toEqual([])
  })

  it(`on ${name}, a server’s listener for checkContinue can pass the request to the guard`, async () => {
    server.on('checkContinue', (request, response) => server.emit('request', request, response))
    expect(await exchange(...CONTINUE)).toMatch(UNAUTHORIZED)
    expect(ran).toEqual([])
  })

  it(`on ${name}, a second listener for requests also gets the request that the guard refuses`, async () => {
    server.on('request', () => ran.push('request'))
    expect(await exchange('GET / HTTP/1.1', 'Connection: close')).toMatch(UNAUTHORIZED)
    expect(ran).toEqual(['request'])
  })

  // Express does not serve HTTP/2.
  it.skipIf(name === 'Express')(
    `on ${name} over HTTP/2, a listener for streams also gets a refused request`,
    async () => {
      // The type of Koa's listener allows only HTTP/1.
      const http2 = createHttp2Server(onKoa() as never).on('stream', () => ran.push('stream'))
      const { port, close } = await running(http2)
      expect(await sendHttp2(port, '/', [])).toMatchObject({ status: 401 })
      expect(ran).toEqual(['stream'])
      await close()
    },
  )
})
