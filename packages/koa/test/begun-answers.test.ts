import { createMaskinportenValidator, requireMaskinportenScope } from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import Koa from 'koa'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

describe('a response that earlier middleware has used', async () => {
  const mock = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const authorization = `Bearer ${await mock.issueToken({ scope: READ })}`
  let handled: number

  function appThat(uses: (context: Koa.Context) => void) {
    handled = 0
    const app = new Koa()
    app.use((context, next) => {
      uses(context)
      return next()
    })
    app.use(requireMaskinportenScope(READ, { validator }))
    app.use((context) => {
      handled++
      if (context.respond === false) context.res.writeHead(200).end('handled')
      else context.body = 'handled'
    })
    return app.callback()
  }
  const begin = ({ res }: Koa.Context) => void res.writeHead(200).write('begun, ')
  const disableRespond = (context: Koa.Context) => {
    context.respond = false
  }

  it('an allowed request reaches the handler even if the response has already started', async () => {
    await supertest(appThat(begin)).get('/').set('Authorization', authorization).expect(200, 'begun, handled')
    expect(handled).toBe(1)
  })

  it('a refusal ends the connection if the response has already started', async () => {
    await expect(supertest(appThat(begin)).get('/')).rejects.toThrow(/aborted|ECONNRESET/)
    expect(handled).toBe(0)
  })

  it('an error thrown by `authorize` ends the connection if the response has already started, and reaches Koa', async () => {
    const own = new Error('database')
    const failures: unknown[] = []
    const app = new Koa().on('error', (error) => failures.push(error))
    app.use((context, next) => {
      begin(context)
      return next()
    })
    app.use(requireMaskinportenScope({ scope: READ, authorize: () => Promise.reject(own) }, { validator }))
    const call = supertest(app.callback()).get('/').set('Authorization', authorization)
    await expect(call).rejects.toThrow(/aborted|ECONNRESET/)
    expect(failures).toEqual([own])
  })

  it('the guard does not change a response that has already ended', async () => {
    const app = appThat(({ res }) => void res.writeHead(504).end('late'))
    await supertest(app).get('/').set('Authorization', authorization).expect(504, 'late')
    expect(handled).toBe(0)
  })

  it('an allowed request reaches the handler if `respond` is false', async () => {
    await supertest(appThat(disableRespond))
      .get('/')
      .set('Authorization', authorization)
      .expect(200, 'handled')
    expect(handled).toBe(1)
  })

  it('the guard writes its refusal itself if `respond` is false', async () => {
    const { status, headers, text } = await supertest(appThat(disableRespond)).get('/')
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="maskinporten"'])
    expect([JSON.parse(text).reason, handled]).toEqual(['no_credentials', 0])
  })

  it.each([
    ['content-length', '3'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'chunked'],
  ])('a refusal replaces or removes %s: %s set by earlier middleware', async (name, value) => {
    const { status, headers, text } = await supertest(appThat((context) => context.set(name, value))).get('/')
    expect(status).toBe(401)
    expect(JSON.parse(text)).toMatchObject({ reason: 'no_credentials' })
    expect(headers).toMatchObject({ 'content-length': String(text.length), 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('transfer-encoding')
  })
})
