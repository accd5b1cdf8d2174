import { expect, it } from 'vitest'
import { maskPersons } from '../../src/claims/redact.js'

const masked = (text: string) => maskPersons(text, '***')

it.each(['01010199999', '0101019999900', `${'1'.repeat(1000)}`])(
  'maskPersons masks a run of eleven or more digits as a whole: %s',
  (number) => {
    expect(masked(number)).toBe('***')
    expect(masked(`fnr=${number}, ${number}.`)).toBe('fnr=***, ***.')
  },
)

it.each(['010101 99999', '010101-99999', '010101 - 99999', '010101\u00a099999', '010101...99999'])(
  'maskPersons masks six digits, one to three other characters and five digits: %s',
  (number) => {
    expect(masked(number)).toBe('***')
    expect(masked(`a${number}b`)).toBe('a***b')
  },
)

it.each([
  ['ten digits', '0101019999'],
  ['an organisation number with its register', '0192:889640782'],
  ['a letter between the groups', '010101x99999'],
  ['a letter outside ASCII between the groups', '010101 å 99999'],
  ['four characters between the groups', '010101 -- 99999'],
  ['seven digits before the separator', '0101011 99999'],
  ['five digits before the separator', '01010 99999'],
  ['six digits after the separator', '010101 999990'],
  ['four digits after the separator', '010101 9999'],
  ['letters', 'abcdefghijklmnopqrstuvwxyz'],
])('maskPersons leaves other text unchanged: %s', (_title, text) => {
  expect(masked(text)).toBe(text)
})
