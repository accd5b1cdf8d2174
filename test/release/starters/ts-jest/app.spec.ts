import { maskinporten } from '@portvakt/mock/setup'
import supertest from 'supertest'
import { app } from './app'

afterEach(() => jest.useRealTimers())

it.each(['2001-02-03', '2041-02-03'])('on %s, the starter serves callers with the scope', async (date) => {
  jest.useFakeTimers({ now: new Date(date) })
  const token = await maskinporten.issueToken({
    scope: 'nav:helse/sykepenger/afp.read',
    consumer: '889640782',
  })
  const response = await supertest(app).get('/vedtak').set('Authorization', `Bearer ${token}`)
  expect(response.body).toEqual({ to: '889640782' })
  expect((await supertest(app).get('/vedtak')).status).toBe(401)
})
