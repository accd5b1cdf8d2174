import { createMaskinportenValidator, getMaskinportenToken, requireMaskinportenScope } from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import Koa from 'koa'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

describe('the Koa guard', async () => {
  const mock = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const authorization = `Bearer ${await mock.issueToken({ scope: READ, consumer: '889640782' })}`
  const guard = requireMaskinportenScope(READ, { validator })

  it('puts the token into the state, and nothing anywhere else', async () => {
    const app = new Koa()
    let before: PropertyKey[] = []
    app.use((context, next) => {
      before = [
        ...Reflect.ownKeys(context),
        ...Reflect.ownKeys(context.req),
        ...Reflect.ownKeys(context.request),
      ]
      return next()
    })
    app.use(guard)
    app.use((context) => {
      const after = [
        ...Reflect.ownKeys(context),
        ...Reflect.ownKeys(context.req),
        ...Reflect.ownKeys(context.request),
      ]
      expect(after).toEqual(before)
      expect(Reflect.ownKeys(context.state)).toEqual(['maskinporten'])
      expect(getMaskinportenToken(context)).toBe(context.state.maskinporten)
      context.body = getMaskinportenToken(context).consumer.organisationNumber
    })
    await supertest(app.callback()).get('/').set('Authorization', authorization).expect(200, '889640782')
  })

  it('leaves an error of what comes after it to Koa', async () => {
    const own = new Error('handler')
    const app = new Koa()
    const failures: unknown[] = []
    app.on('error', (error) => failures.push(error))
    app.use(guard)
    app.use(() => {
      throw own
    })
    await supertest(app.callback()).get('/').set('Authorization', authorization).expect(500)
    expect(failures).toEqual([own])
  })

  it('gives its own rule’s error to Koa, untouched', async () => {
    const own = Object.assign(new Error('teapot'), { status: 418, expose: true })
    const app = new Koa()
    app.use(requireMaskinportenScope({ scope: READ, authorize: () => Promise.reject(own) }, { validator }))
    app.silent = true
    await supertest(app.callback()).get('/').set('Authorization', authorization).expect(418, 'teapot')
  })

  it('throws for a mistake when it is made', () => {
    expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('says so when a token is asked for that no guard verified', () => {
    expect(() => getMaskinportenToken({ state: {} })).toThrow(/No Maskinporten guard ran/)
  })
})
