const { createMockMaskinporten, fakeVerifiedToken } = require('@portvakt/mock')
const { maskinporten } = require('@portvakt/mock/setup')
const supertest = require('supertest')
const { app } = require('./app.cjs')

const scope = 'nav:helse/sykepenger/afp.read'
const call = (token) => supertest(app).get('/vedtak').set('Authorization', `Bearer ${token}`)

test('a guarded CommonJS app accepts callers with the scope and refuses others', async () => {
  const token = await maskinporten.issueToken({ scope, consumer: '889640782' })
  expect((await call(token)).body).toEqual({ to: '889640782' })
  expect((await call(await maskinporten.badToken('expired', { scope }))).body.reason).toBe('expired')
  expect((await supertest(app).get('/vedtak')).status).toBe(401)
})

test('Jest can load the mock, and the modules that the mock loads later', async () => {
  expect(fakeVerifiedToken({ scope, consumer: '889640782' }).consumer.organisationNumber).toBe('889640782')
  const mock = await createMockMaskinporten()
  const kind = { apiVersion: 'nais.io/v1alpha1', kind: 'Application' }
  const spec = { image: 'x', maskinporten: { enabled: true } }
  // JSON is YAML too.
  const yaml = JSON.stringify({ ...kind, metadata: { name: 'a', namespace: 'b' }, spec })
  const [provisioned] = await mock.provision({ yaml })
  expect(provisioned.name).toBe('a')
})

test('the variables are set, and the mock that they name answers', async () => {
  expect(process.env.MASKINPORTEN_ISSUER).toBe(maskinporten.issuer)
  expect((await fetch(process.env.MASKINPORTEN_JWKS_URI)).status).toBe(200)
  expect(await maskinporten.issueToken()).toMatch(/^ey/)

  // The mock is loaded outside Jest's sandbox, so it gets objects, arrays and dates of another realm.
  maskinporten.addScope({ name: 'nav:x', consumers: ['310385980'] })
  maskinporten.addConsent({ from: '310385980', to: '310385980', resources: ['a'], validTo: new Date(4e12) })
  expect(await maskinporten.issueToken({ scope: ['nav:x'], claims: { a: [1] } })).toMatch(/^ey/)
})
