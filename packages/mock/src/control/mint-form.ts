import { BAD_TOKENS } from '../bad-tokens/bad-tokens.js'
import type { IssueTokenOptions } from '../maskinporten/access-token.js'
import { isOrganisationNumber } from '../organisation-claim.js'
import { type Fields, words } from './page-fields.js'

type Check = readonly [name: string, isValid: (text: string) => boolean, error: string]

const isOptional = (isValid: (text: string) => boolean) => (text: string) => text === '' || isValid(text)
const NOT_AN_ORGANISATION = 'An organisation number is nine digits, such as 314330897.'

export const NO_SCOPE = 'Choose a scope, or write one.'

/** The checks of the form, in the order of its fields. */
const CHECKS: readonly Check[] = [
  ['scope', (text) => text !== '', NO_SCOPE],
  ['consumer', isOptional(isOrganisationNumber), NOT_AN_ORGANISATION],
  ['supplier', isOptional(isOrganisationNumber), NOT_AN_ORGANISATION],
  ['pid', isOptional((text) => /^[0-9]{11}$/.test(text)), 'A national identity number is eleven digits.'],
  [
    'expiresIn',
    (text) => Number.isFinite(Number(text)),
    'The lifetime is a number of seconds; a negative number makes an expired token.',
  ],
  [
    'kind',
    (text) => text === 'good' || BAD_TOKENS.some(({ name }) => name === text),
    'The kind of token is unknown: choose one from the list.',
  ],
  [
    'api',
    isOptional((text) => /^https?:/i.test(text) && URL.canParse(text)),
    'The address is an absolute URL, such as http://localhost:3000/.',
  ],
]

/** Returns the error of each invalid field, or undefined if every field is valid. */
export function mintErrors(fields: Fields): Fields | undefined {
  const failed = CHECKS.filter(([name, isValid]) => !isValid(fields[name] ?? ''))
  return failed.length === 0 ? undefined : Object.fromEntries(failed.map(([name, , error]) => [name, error]))
}

/** Returns the options of the token that a valid form describes. */
export function mintOptions(fields: Fields): IssueTokenOptions {
  const names = ['consumer', 'supplier', 'audience', 'pid'] as const
  const given = names.map((name) => [name, fields[name] ?? '']).filter(([, text]) => text !== '')
  const { scope = '', expiresIn = '' } = fields
  const lifetime = expiresIn === '' ? {} : { expiresIn: Number(expiresIn) }
  // Remove duplicates, because a scope can be both checked in the list and typed in the field.
  return { scope: [...new Set(words(scope))], ...Object.fromEntries(given), ...lifetime }
}

/** Returns a command that a POSIX shell runs. @param api a valid URL */
export function curlLine(token: string, api: string): string {
  return `curl -i ${shellWord(new URL(api).href)} -H ${quoted(`Authorization: Bearer ${token}`)}`
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** Quotes a text that contains a character that may be special to the shell. */
const shellWord = (text: string) => (/^[\w:/.@%+,-]+$/.test(text) ? text : quoted(text))
