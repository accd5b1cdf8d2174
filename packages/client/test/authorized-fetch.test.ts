import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createMaskinportenValidator } from '@portvakt/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Fetch } from '../src/index.js'
import { createKit, type Kit, SCOPE, settle } from './kit.js'

const servers: Server[] = []
let kit: Kit
beforeEach(async () => {
  kit = await createKit()
})
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** The number of requests to all servers since the latest call of `serve`. */
let calls: number

async function serve(listener: RequestListener): Promise<string> {
  calls = 0
  const server = createServer((request, response) => {
    calls++
    listener(request, response)
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const rejecting: RequestListener = (request, response) =>
  void request.resume().on('end', () => response.writeHead(401).end(`rejected ${calls}`))
const streamed = (): RequestInit =>
  ({ method: 'POST', body: new Blob(['hei']).stream(), duplex: 'half' }) as RequestInit

let tokenRequests: number

/** Returns a `fetch` that calls servers with tokens of the mock. Each token request waits for `issue`. */
function call(issue: () => Promise<void> | void = () => {}): Fetch {
  const toMock = kit.answer
  tokenRequests = 0
  kit.answer = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if (!url.startsWith(kit.mock.issuer)) return fetch(input, init)
    tokenRequests++
    await issue()
    return toMock(input, init)
  }
  return kit.client().fetch({ scope: SCOPE })
}

describe('a call', () => {
  it('`fetch` of a client sends a token that a guarded API accepts', async () => {
    const { clock } = kit
    const validator = createMaskinportenValidator({ issuer: kit.mock.issuer, fetch: kit.mock.fetch, clock })
    const url = await serve(async (request, response) => {
      const decision = await validator.decide(request.headers.authorization, SCOPE)
      response.statusCode = decision.allowed ? 200 : decision.denial.status
      response.end(await text(request))
    })
    const answer = await call()(url, { method: 'POST', body: 'hei', headers: { 'x-own': '1' } })
    expect([answer.status, await answer.text()]).toEqual([200, 'hei'])
  })

  it('`fetch` of a client sends the length and the type of a body', async () => {
    const url = await serve(async (request, response) => {
      const { 'content-length': length, 'content-type': type, 'transfer-encoding': coding } = request.headers
      response.end(JSON.stringify([length, type, coding, await text(request)]))
    })
    const answer = await call()(url, { method: 'POST', body: new URLSearchParams({ a: 'æ' }) })
    const type = 'application/x-www-form-urlencoded;charset=UTF-8'
    expect(await answer.json()).toEqual(['8', type, null, 'a=%C3%A6'])
  })

  it('`fetch` of a client sends the method and the body of a Request', async () => {
    const url = await serve(async (request, response) =>
      response.end(`${request.method} ${await text(request)}`),
    )
    const answer = await call()(new Request(url, { method: 'PATCH', body: 'hei' }))
    expect(await answer.text()).toBe('PATCH hei')
  })
})

describe('a call after a 401', () => {
  it('`fetch` of a client repeats a call once after a 401, with a new token and the same body', async () => {
    const seen: string[] = []
    const url = await serve(async (request, response) => {
      seen.push(`${request.headers.authorization} ${await text(request)}`)
      response.writeHead(seen.length === 1 ? 401 : 200).end()
    })
    expect((await call()(url, { method: 'PUT', body: 'hei' })).status).toBe(200)
    expect(seen).toHaveLength(2)
    expect(seen[0]).not.toBe(seen[1])
    for (const line of seen) expect(line).toMatch(/^Bearer \S+ hei$/)
  })

  it('if an API rejects every token, `fetch` replaces the token and repeats a call only once in 30 seconds', async () => {
    const url = await serve(rejecting)
    const skatt = call()
    const bodies: string[] = []
    for (let turn = 0; turn < 5; turn++) bodies.push(await (await skatt(url)).text())
    expect(bodies).toEqual(['rejected 2', 'rejected 3', 'rejected 4', 'rejected 5', 'rejected 6'])
    expect(tokenRequests).toBe(2)
    kit.clock.advance(29.999)
    await skatt(url)
    expect([tokenRequests, calls]).toEqual([2, 7])
    kit.clock.advance(0.001)
    await skatt(url)
    expect([tokenRequests, calls]).toEqual([3, 9])
  })

  it('after a 401, a call is repeated with a token that another call fetched in the meantime', async () => {
    let first: string | undefined
    let arrived = () => {}
    let answerNow = () => {}
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve))
    const url = await serve((request, response) => {
      const { authorization } = request.headers
      first ??= authorization
      const answer = () => void response.writeHead(authorization === first ? 401 : 200).end()
      if (request.url !== '/late' || authorization !== first) return answer()
      answerNow = answer
      return arrived()
    })
    const skatt = call()
    const late = skatt(`${url}/late`)
    await hasArrived
    expect((await skatt(url)).status).toBe(200)
    answerNow()
    expect((await late).status).toBe(200)
    expect(tokenRequests).toBe(2)
  })

  it('a call rejects with the client’s error when no new token is available after a 401', async () => {
    const url = await serve(rejecting)
    const skatt = call(() => {
      if (tokenRequests > 1) throw new TypeError('fetch failed')
    })
    const failed = vi.fn()
    const work = skatt(url).catch(failed)
    for (let second = 0; second < 20; second++) {
      await settle()
      kit.clock.advance(1)
    }
    await work
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'unavailable' }))
  })

  it('a call whose body is a stream is not repeated after a 401', async () => {
    const url = await serve(rejecting)
    expect((await call()(url, streamed())).status).toBe(401)
    // The body of a Request is a stream. With `body: null`, the Request keeps its own body.
    const request = () => new Request(url, { method: 'POST', body: 'hei' })
    expect((await call()(request())).status).toBe(401)
    expect((await call()(request(), { body: null })).status).toBe(401)
    expect(calls).toBe(3)
  })
})

describe('a redirect', () => {
  it('`fetch` of a client does not follow a redirect to another origin', async () => {
    const other = await serve((_request, response) => response.end())
    const url = await serve((_request, response) => response.writeHead(307, { location: `${other}/` }).end())
    const answer = await call()(url)
    expect([answer.status, answer.headers.get('location')]).toEqual([307, `${other}/`])
    expect(calls).toBe(1)
  })

  it('`fetch` of a client follows a redirect within the API, with the token', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end()
      else response.end(`${request.method} ${request.url} ${request.headers.authorization?.slice(0, 7)}`)
    })
    expect(await (await call()(`${url}/old`, { method: 'POST', body: 'x' })).text()).toBe('GET /new Bearer ')
  })

  it('a redirect is not followed when the body is a stream, which cannot be sent again', async () => {
    const url = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(307, { location: '/new' }).end())
    })
    expect((await call()(url, streamed())).status).toBe(307)
  })

  it('a redirect is not followed with `redirect: manual` or `redirect: error`', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: '/new' }).end())
    expect((await call()(url, { redirect: 'manual' })).status).toBe(302)
    await expect(call()(url, { redirect: 'error' })).rejects.toThrow(TypeError)
  })
})
