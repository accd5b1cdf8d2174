import { maskinporten } from '@portvakt/mock/setup'
import supertest from 'supertest'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { app } from './app.mjs'

const scope = 'nav:helse/sykepenger/afp.read'
const call = (token) => supertest(app).get('/vedtak').set('Authorization', `Bearer ${token}`)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test.each(['2001-02-03', '2041-02-03'])(
  'the mock and the guard read the same frozen date: %s',
  async (date) => {
    vi.setSystemTime(new Date(date))
    const token = await maskinporten.issueToken({ scope })
    expect((await call(token)).status).toBe(200)
  },
)

test('a token expires when the fake date moves', async () => {
  const token = await maskinporten.issueToken({ scope })
  expect((await call(token)).status).toBe(200)
  vi.setSystemTime(Date.now() + 131_000)
  expect((await call(token)).body.reason).toBe('expired')
})
