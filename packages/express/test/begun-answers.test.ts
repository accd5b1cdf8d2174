import { createMaskinportenValidator, requireMaskinportenScope } from '@portvakt/express'
import { createMockMaskinporten } from '@portvakt/mock'
import express, { type Response } from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

describe('a response that an earlier middleware has used', async () => {
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

  it('goes on to the handler if it has begun and the request is allowed', async () => {
    const call = supertest(appThat((response) => response.write('begun, '))).get('/')
    await call.set('Authorization', authorization).expect(200, 'begun, handled')
    expect(handled).toBe(1)
  })

  it('is broken off if it has begun and the request is refused', async () => {
    const call = supertest(appThat((response) => response.write('begun, '))).get('/')
    await expect(call).rejects.toThrow(/aborted|ECONNRESET/)
    expect(handled).toBe(0)
  })

  it('is left alone if it has ended', async () => {
    const app = appThat((response) => response.status(504).end('late'))
    await supertest(app).get('/').set('Authorization', authorization).expect(504, 'late')
    expect(handled).toBe(0)
  })

  it.each([
    ['content-length', '3'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'chunked'],
  ])('loses %s: %s, which was set for another body, to a refusal', async (name, value) => {
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
