import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { CONSENT } from '../sample-tokens.js'
import { read } from './plain-claims.js'

const token = () =>
  read({ pid: '01010199999', authorization_details: [{ type: 'x', from: '05848998356' }, CONSENT] })

function copyOf(value: object): object {
  const copy: Record<string, unknown> = {}
  for (const name in value) copy[name] = Reflect.get(value, name)
  return copy
}

const everything = { depth: 9, showHidden: true }
it.each<[string, (value: object) => unknown]>([
  ['JSON.stringify', (value) => JSON.stringify(value)],
  ['util.inspect with `getters`', (value) => inspect(value, { ...everything, getters: true })],
  ['structuredClone', (value) => inspect(structuredClone(value), everything)],
  ['for … in', (value) => copyOf(value)],
  ['own keys, symbols included', (value) => Reflect.ownKeys(value).map((key) => Reflect.get(value, key))],
])(
  'a verified token hides personal data, consents and other claims from %s, and a consent hides its giver',
  (_title, show) => {
    const textOf = (value: object) => {
      const shown = show(value)
      return typeof shown === 'string' ? shown : JSON.stringify(shown)
    }
    expect(textOf(token())).toContain('991825827')
    expect(textOf(token())).not.toMatch(/01010199999|05848998356|consented|authorization_details|token_type/)
    for (const consents of [token().consents, ...token().consents]) {
      expect(textOf(consents)).toContain('enkelt-samtykke')
      expect(textOf(consents)).not.toContain('05848998356')
    }
  },
)
