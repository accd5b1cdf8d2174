import { createMaskinportenValidator, requireMaskinportenScope } from '@portvakt/express'
import { createMockMaskinporten } from '@portvakt/mock'
import express, { type Response } from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

describe('a response that earlier middleware has used', async () => {
  const mock = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const authorization = `Bearer ${await mock.issueToken({ scope: READ })}`
  let handled: number

  function appThat(uses: (response: Response) => void) {
    handled = 0
    const app = express()
    app.use((_request, response, next) => {
      uses(response)
      next()
    })
    app.use(requireMaskinportenScope(READ, { validator }))
    return app.use((_request, response) => {
      handled++
      response.end('handled')
    })
  }

  it('an allowed request reaches the handler even if the response has already started', async () => {
    const call = supertest(appThat((response) => response.write('begun, '))).get('/')
    await call.set('Authorization', authorization).expect(200, 'begun, handled')
    expect(handled).toBe(1)
  })

  it('a refusal ends the connection if the response has already started', async () => {
    const call = supertest(appThat((response) => response.write('begun, '))).get('/')
    await expect(call).rejects.toThrow(/aborted|ECONNRESET/)
    expect(handled).toBe(0)
  })

  it('the guard does not change a response that has already ended', async () => {
    const app = appThat((response) => response.status(504).end('late'))
    await supertest(app).get('/').set('Authorization', authorization).expect(504, 'late')
    expect(handled).toBe(0)
  })

  it.each([
    ['content-length', '3'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'chunked'],
  ])('a refusal replaces or removes %s: %s set by earlier middleware', async (name, value) => {
    const { status, headers, text } = await supertest(appThat((response) => response.set(name, value))).get(
      '/',
    )
    expect(status).toBe(401)
    expect(JSON.parse(text)).toMatchObject({ reason: 'no_credentials' })
    expect(headers).toMatchObject({ 'content-length': String(text.length), 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('transfer-encoding')
  })
})
