import { expect, it, test } from 'vitest'
import { resolveAltinnPlatform } from '../src/altinn-platform.js'

const PROD = 'https://maskinporten.no/'
const TEST = 'https://test.maskinporten.no/'
const resolve = (given: unknown, issuer: string | undefined = TEST, insecureHttp = false) =>
  resolveAltinnPlatform(given, issuer, insecureHttp)

test.each([
  [PROD, 'https://platform.altinn.no'],
  [`${PROD}.well-known/oauth-authorization-server`, 'https://platform.altinn.no'],
  [TEST, 'https://platform.tt02.altinn.no'],
  ['https://issuer.example/', 'https://issuer.example'],
  ['http://127.0.0.1:8089/', 'http://127.0.0.1:8089'],
])('tokens of %s are exchanged at %s', (issuer, platform) => {
  expect(resolve(undefined, issuer)).toBe(platform)
})

it('tokens of an http: issuer on another host are exchanged at the issuer only with `insecureHttp`', () => {
  expect(resolve(undefined, 'http://mock:8089/')).toBeUndefined()
  expect(resolve(undefined, 'http://mock:8089/', true)).toBe('http://mock:8089')
})

it.each([undefined, 'no URL'])(
  'if the issuer is unknown (%s), only a configured platform is used',
  (issuer) => {
    expect(resolveAltinnPlatform(undefined, issuer, true)).toBeUndefined()
    expect(resolveAltinnPlatform('https://platform.altinn.no', issuer, false)).toBe(
      'https://platform.altinn.no',
    )
  },
)

test.each([
  ['https://platform.tt02.altinn.no/', TEST],
  ['https://platform.altinn.no/', PROD],
  ['http://localhost:5101', TEST],
  ['https://platform.altinn.no.example', PROD],
  ['https://platform.altinn.no', 'https://issuer.example/'],
])('the platform %s is allowed for tokens of %s', (platform, issuer) => {
  expect(resolve(platform, issuer)).toBe(platform.replace(/\/$/, ''))
})

const WRONG_FOR_TEST = `does not take tokens of ${TEST}: use https://platform.tt02.altinn.no`
const WRONG_FOR_PROD = `does not take tokens of ${PROD}: use https://platform.altinn.no`
test.each<[unknown, string, string]>([
  ['platform.altinn.no', TEST, '`altinnPlatform` must be an absolute URL'],
  ['http://platform.altinn.no', PROD, '`altinnPlatform` must be an https: URL'],
  ['https://platform.altinn.no/?a', PROD, '`altinnPlatform` must be a URL without a path'],
  [
    'https://platform.altinn.no',
    TEST,
    `\`altinnPlatform\` is https://platform.altinn.no, which ${WRONG_FOR_TEST}`,
  ],
  ['https://platform.tt02.altinn.no', PROD, WRONG_FOR_PROD],
  ['https://platform.yt01.altinn.cloud', PROD, WRONG_FOR_PROD],
])('the platform %s is refused for the issuer %s, and the error says why', (platform, issuer, message) => {
  expect(() => resolve(platform, issuer)).toThrow(TypeError)
  expect(() => resolve(platform, issuer)).toThrow(message)
})
