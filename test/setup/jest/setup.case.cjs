const { maskinporten } = require('@portvakt/mock/setup')

test('the variables are set, and the mock behind them answers', async () => {
  expect(process.env.MASKINPORTEN_ISSUER).toBe(maskinporten.issuer)
  expect((await fetch(process.env.MASKINPORTEN_JWKS_URI)).status).toBe(200)
  expect(await maskinporten.issueToken()).toMatch(/^ey/)
})
