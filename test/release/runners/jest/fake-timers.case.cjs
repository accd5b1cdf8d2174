const { maskinporten } = require('@portvakt/mock/setup')
const supertest = require('supertest')
const { app } = require('./app.cjs')

const scope = 'nav:helse/sykepenger/afp.read'
const call = (token) => supertest(app).get('/vedtak').set('Authorization', `Bearer ${token}`)

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

test.each(['2001-02-03', '2041-02-03'])(
  'the mock and the guard read the same frozen date: %s',
  async (date) => {
    jest.setSystemTime(new Date(date))
    const token = await maskinporten.issueToken({ scope })
    expect((await call(token)).status).toBe(200)
    const { iat } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
    expect(iat).toBe(Date.parse(date) / 1000)
  },
)

test('a token expires when the fake date moves', async () => {
  const token = await maskinporten.issueToken({ scope })
  expect((await call(token)).status).toBe(200)
  jest.setSystemTime(Date.now() + 131_000)
  expect((await call(token)).body.reason).toBe('expired')
  jest.useRealTimers()
  expect((await call(await maskinporten.issueToken({ scope }))).status).toBe(200)
})
