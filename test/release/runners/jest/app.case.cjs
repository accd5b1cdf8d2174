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
  const [provisioned] = await mock.provision({
    yaml: 'apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata: { name: a, namespace: b }\nspec: { image: x, maskinporten: { enabled: true } }',
  })
  expect(provisioned.name).toBe('a')
})
