import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
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

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

let tokenRequests: number

/** The mock for tokens, when `issue` lets it, and the real network for everything else. */
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

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

it('carries a token that a guarded API accepts', async () => {
  const { clock } = kit
  const validator = createMaskinportenValidator({ issuer: kit.mock.issuer, fetch: kit.mock.fetch, clock })
  const url = await serve(async (request, response) => {
    const decision = await validator.decide(request.headers.authorization, SCOPE)
    response.statusCode = decision.allowed ? 200 : decision.denial.status
    response.end(await bodyOf(request))
  })
  const answer = await call()(url, { method: 'POST', body: 'hei', headers: { 'x-own': '1' } })
  expect([answer.status, await answer.text()]).toEqual([200, 'hei'])
})

describe('a body', () => {
  it('a request has the length and type of its body', async () => {
    const url = await serve(async (request, response) => {
      const { 'content-length': length, 'content-type': type, 'transfer-encoding': coding } = request.headers
      response.end(JSON.stringify([length, type, coding, await bodyOf(request)]))
    })
    const answer = await call()(url, { method: 'POST', body: new URLSearchParams({ a: 'æ' }) })
    expect(await answer.json()).toEqual([
      '8',
      'application/x-www-form-urlencoded;charset=UTF-8',
      null,
      'a=%C3%A6',
    ])
  })

  it('the body of a Request is sent unchanged', async () => {
    const url = await serve(async (request, response) =>
      response.end(`${request.method} ${await bodyOf(request)}`),
    )
    const answer = await call()(new Request(url, { method: 'PATCH', body: 'hei' }))
    expect(await answer.text()).toBe('PATCH hei')
  })

  it('the caller reads the body of an answer, and an abort ends the reading', async () => {
    const url = await serve(() => undefined)
    const controller = new AbortController()
    const work = call()(url, { signal: controller.signal })
    controller.abort()
    await expect(work).rejects.toThrow(/aborted/)
  })
})

describe('a caller that aborts', () => {
  it('it stops waiting for the token, which other callers still get', async () => {
    const url = await serve((_request, response) => void response.end('ok'))
    let answerNow = () => {}
    const skatt = call(() => new Promise((resolve) => (answerNow = resolve)))
    const controller = new AbortController()
    const [impatient, patient] = [skatt(url, { signal: controller.signal }), skatt(url)]
    const reason = new Error('enough')
    await settle()
    expect(tokenRequests).toBe(1)
    controller.abort(reason)
    await expect(impatient).rejects.toBe(reason)
    answerNow()
    expect((await patient).status).toBe(200)
    expect(tokenRequests).toBe(1)
  })

  it('it stops waiting for the replacement of a rejected token', async () => {
    const controller = new AbortController()
    const url = await serve((_request, response) => void response.writeHead(401).end())
    const skatt = call()
    const { answer } = kit
    const reason = new Error('enough')
    kit.answer = async (...given) => {
      const response = await answer(...given)
      if (response.status === 401) controller.abort(reason)
      return response
    }
    await expect(skatt(url, { signal: controller.signal })).rejects.toBe(reason)
    expect(tokenRequests).toBe(1)
  })

  it('an abort before the call fetches no token', async () => {
    await expect(call()('https://x.no/', { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/)
    expect(tokenRequests).toBe(0)
  })
})

describe('after a 401', () => {
  it('the call is repeated once with a new token and the same body', async () => {
    const seen: string[] = []
    const url = await serve(async (request, response) => {
      seen.push(`${request.headers.authorization} ${await bodyOf(request)}`)
      response.statusCode = seen.length === 1 ? 401 : 200
      response.end()
    })
    expect((await call()(url, { method: 'PUT', body: 'hei' })).status).toBe(200)
    expect(seen).toHaveLength(2)
    expect(seen[0]).not.toBe(seen[1])
    for (const line of seen) expect(line).toMatch(/^Bearer \S+ hei$/)
  })

  it('the call is repeated at most once', async () => {
    let calls = 0
    const url = await serve((_request, response) => {
      calls++
      response.writeHead(401).end()
    })
    expect((await call()(url)).status).toBe(401)
    expect(calls).toBe(2)
  })

  it('an API that rejects every token causes one fetch per 30 seconds', async () => {
    let calls = 0
    const url = await serve((_request, response) => {
      calls++
      response.writeHead(401).end(`rejected ${calls}`)
    })
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

  it('the call is repeated with a token that another call has fetched in the meantime', async () => {
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

  it('the call rejects with the reason why no new token is available', async () => {
    const url = await serve((_request, response) => void response.writeHead(401).end())
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

  it('a stream is not sent again', async () => {
    let calls = 0
    const url = await serve((request, response) => {
      calls++
      request.resume().on('end', () => response.writeHead(401).end())
    })
    const body = new Blob(['hei']).stream()
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    expect((await call()(url, init)).status).toBe(401)
    // A body of null leaves a request the one it has.
    const request = new Request(url, { method: 'POST', body: 'hei' })
    expect((await call()(request, { body: null })).status).toBe(401)
    expect(calls).toBe(2)
  })
})

describe('the token is sent only to the origin of the call', () => {
  it('a redirect to another origin is not followed', async () => {
    let calls = 0
    const other = await serve((_request, response) => {
      calls++
      response.end()
    })
    const url = await serve((_request, response) => response.writeHead(307, { location: `${other}/` }).end())
    const answer = await call()(url)
    expect([answer.status, answer.headers.get('location')]).toEqual([307, `${other}/`])
    expect(calls).toBe(0)
  })

  it('a redirect within the API is followed with it', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end()
      else response.end(`${request.method} ${request.url} ${request.headers.authorization?.slice(0, 7)}`)
    })
    expect(await (await call()(`${url}/old`, { method: 'POST', body: 'x' })).text()).toBe('GET /new Bearer ')
  })

  it('the caller gets the redirect of a stream, which cannot be sent again', async () => {
    const url = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(307, { location: '/new' }).end())
    })
    const body = new Blob(['hei']).stream()
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    expect((await call()(url, init)).status).toBe(307)
  })

  it('a redirect is followed only with `redirect: follow`', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: '/new' }).end())
    expect((await call()(url, { redirect: 'manual' })).status).toBe(302)
    await expect(call()(url, { redirect: 'error' })).rejects.toThrow(TypeError)
  })

  it('the token is not sent over plain http, except to this machine', async () => {
    for (const host of [
      'api.example.no',
      '127.evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
    ]) {
      await expect(call()(`http://${host}/`)).rejects.toMatchObject({ code: 'insecure_url' })
    }
    expect(kit.requests).toBe(0)
  })
})
