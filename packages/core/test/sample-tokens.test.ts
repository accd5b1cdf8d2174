import { createTestClock } from '@portvakt/mock'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, expect, it } from 'vitest'
import { createMaskinportenValidator, type MaskinportenValidator } from '../src/validator.js'
import { reasonOfAsync } from './refusal.js'
import { SAMPLE_TOKENS } from './sample-tokens.js'

const scope = 'digitalpostinnbygger:send'

let validator: MaskinportenValidator
let sign: (sample: { readonly claims: object }) => Promise<string>

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  // Maskinporten's header has only these two members, and no `typ`.
  sign = ({ claims }) =>
    new SignJWT({ ...claims }).setProtectedHeader({ kid: 'k1', alg: 'RS256' }).sign(privateKey)
  validator = createMaskinportenValidator({
    issuer: 'https://test.maskinporten.no/',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] },
    clock: createTestClock(1_718_175_060_000),
  })
})

it.each(SAMPLE_TOKENS)(
  'a validator allows a sample token under a requirement for tokens of its kind: $title',
  async (sample) => {
    const rule = { scope, ...sample.meets }
    expect(await validator.decide(`Bearer ${await sign(sample)}`, rule)).toMatchObject({ allowed: true })
  },
)

it.each(['a European eSeal', 'a part of an organisation'])('`consumers` never matches %s', async (title) => {
  const sample = SAMPLE_TOKENS.find((one) => one.title.startsWith(title))
  const token = await sign(sample ?? expect.unreachable('no such sample'))
  for (const number of ['991825827', '987464291', '555555555']) {
    const checked = validator.verify(token, { scope, consumers: [number] })
    expect(await reasonOfAsync(checked)).toBe('consumer_not_allowed')
  }
})

it('a token with the legacy audience `unspecified` does not satisfy a configured audience', async () => {
  const sample = SAMPLE_TOKENS.find(({ title }) => title.includes('unspecified'))
  const token = await sign(sample ?? expect.unreachable('no such sample'))
  const rule = { scope, audience: 'https://api.examples.com/users' }
  expect(await reasonOfAsync(validator.verify(token, rule))).toBe('wrong_audience')
})
