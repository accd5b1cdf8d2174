const { maskinporten } = require('@portvakt/mock/setup')

test('the variables are set, and the mock that they name answers', async () => {
  expect(process.env.MASKINPORTEN_ISSUER).toBe(maskinporten.issuer)
  expect((await fetch(process.env.MASKINPORTEN_JWKS_URI)).status).toBe(200)
  expect(await maskinporten.issueToken()).toMatch(/^ey/)

  // The mock is loaded outside Jest's sandbox, so it gets objects, arrays and dates of another realm.
  maskinporten.addScope({ name: 'nav:x', consumers: ['310385980'] })
  maskinporten.addConsent({ from: '310385980', to: '310385980', resources: ['a'], validTo: new Date(4e12) })
  expect(await maskinporten.issueToken({ scope: ['nav:x'], claims: { a: [1] } })).toMatch(/^ey/)
})
