import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import type { VerifiedToken } from '../../src/claims/verified-token.js'
import { isDeeplyFrozen } from '../deeply-frozen.js'
import { CLAIMS, read } from './plain-claims.js'

const consent = {
  type: 'urn:altinn:consent',
  id: 'c',
  from: 'urn:altinn:person:identifier-no:05848998356',
  to: CLAIMS.consumer,
  consented: '2025-11-14T10:48:55Z',
  validTo: '2028-01-01T14:30:00Z',
  consentRights: [],
}
const token = () =>
  read({ pid: '01010199999', authorization_details: [{ type: 'x', from: '05848998356' }, consent] })

function copyOf(value: object): object {
  const copy: Record<string, unknown> = {}
  for (const name in value) copy[name] = Reflect.get(value, name)
  return copy
}

const everything = { depth: 9, showHidden: true }
it.each<[string, (value: VerifiedToken) => unknown]>([
  ['JSON.stringify', (value) => JSON.stringify(value)],
  ['util.inspect', (value) => inspect(value, { depth: 9 })],
  ['util.inspect with `getters`', (value) => inspect(value, { ...everything, getters: true })],
  ['a spread', (value) => JSON.stringify({ ...value })],
  ['Object.assign', (value) => JSON.stringify(Object.assign({}, value))],
  ['structuredClone', (value) => inspect(structuredClone(value), everything)],
  ['for … in', (value) => copyOf(value)],
  ['own keys, symbols included', (value) => Reflect.ownKeys(value).map((key) => Reflect.get(value, key))],
])('a verified token hides personal data, consents and other claims from %s', (_title, show) => {
  const shown = show(token())
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown)
  expect(text).toContain('991825827')
  expect(text).not.toMatch(/01010199999|05848998356|consented|authorization_details|token_type/)
})

it('a verified token cannot be changed by a handler, at any depth', () => {
  const { authorizationDetails, consents, claims } = token()
  for (const value of [token(), authorizationDetails, consents, consents[0]?.from, claims])
    expect(isDeeplyFrozen(value)).toBe(true)
  expect(() => Object.assign(token(), { pid: '05848998356' })).toThrow(TypeError)
})
