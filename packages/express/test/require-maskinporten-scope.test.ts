import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import express4 from 'express4'
import supertest from 'supertest'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

let handled: number
let failures: unknown[]
beforeEach(() => {
  handled = 0
  failures = []
})

const headers = await headersWith({ consumer: '889640782' })
const get = (api: Express) => supertest(api).get('/').set(headers)

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('requireMaskinportenScope on %s', (version, create) => {
  /** Returns an application whose `authorize` decides every request. */
  function app(authorize: (token: unknown, request: Request) => Promise<boolean>): Express {
    const api = create()
    api.use(requireMaskinportenScope({ scope: READ, authorize }, { validator }), (_request, response) => {
      handled++
      response.end()
    })
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      failures.push(error)
      response.status(500).end()
    }
    return api.use(onError)
  }

  it(`on ${version}, the Express guard adds only \`maskinporten\` to the request`, async () => {
    let before: PropertyKey[] = []
    const api = create()
    api.use((request, _response, next) => {
      before = Reflect.ownKeys(request)
      next()
    })
    api.use(requireMaskinportenScope(READ, { validator }), (request, response) => {
      const added = Reflect.ownKeys(request).filter((key) => !before.includes(key))
      response.json([added, getMaskinportenToken(request).consumer.organisationNumber])
    })
    expect((await get(api)).body).toEqual([['maskinporten'], '889640782'])
  })

  it(`on ${version}, an error thrown by \`authorize\` reaches the error handler unchanged`, async () => {
    const own = new Error('database')
    expect((await get(app(() => Promise.reject(own)))).status).toBe(500)
    expect([failures.length, handled]).toEqual([1, 0])
    expect(failures[0]).toBe(own)
  })

  it(`on ${version}, \`authorize\` cannot skip the guard by rejecting with 'route', which Express obeys`, async () => {
    expect((await get(app(() => Promise.reject('route')))).status).toBe(500)
    expect(failures).toMatchObject([{ message: expect.stringMatching(/not an error/), cause: 'route' }])
    expect(handled).toBe(0)
  })

  it(`on ${version}, a refusal ends the connection if other code has already sent the headers`, async () => {
    const authorize = async (_token: unknown, { res }: Request) => {
      res?.writeHead(200).flushHeaders()
      return false
    }
    await expect(get(app(authorize))).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect([handled, failures]).toEqual([0, []])
  })
})

it('the Express guard throws at once if it is called without `next`', () => {
  const guard = requireMaskinportenScope(READ, { validator }) as (...given: unknown[]) => void
  const message = 'A guard was called without `next`: guard(req, res, next)'
  expect(() => guard({ headers: {} }, {})).toThrow(new TypeError(message))
})

it('creating the Express guard throws for an invalid scope or option, and without an issuer in the environment', () => {
  expect(() => requireMaskinportenScope('sykepenger/afp.read', { validator })).toThrow(/nais\.yaml/)
  expect(() => requireMaskinportenScope(READ, { validator: {} } as never)).toThrow(/`validator`/)
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  expect(() => requireMaskinportenScope(READ)).toThrow(/MASKINPORTEN_ISSUER is not set/)
  vi.unstubAllEnvs()
})

it('getMaskinportenToken for Express throws if no guard ran', () => {
  const message = /No Maskinporten guard ran.*requireMaskinportenScope/
  expect(() => getMaskinportenToken({} as Request)).toThrow(message)
})
