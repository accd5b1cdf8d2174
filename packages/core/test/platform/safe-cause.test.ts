import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { safeCause } from '../../src/platform/safe-cause.js'

const SECRET = 'eyJhbGciOiJSUzI1NiJ9.eyJzY29wZSI6Im5hdjp4In0.c2lnbmF0dXJl'
const PID = '01010199999'

/** An error that quotes the secret in every part except its code. */
function quoting(code: unknown): Error {
  return Object.assign(new TypeError(`failed: Bearer ${SECRET} ${PID}`), {
    code,
    request: { headers: { authorization: `Bearer ${SECRET}` } },
    [Symbol('body')]: SECRET,
  })
}

function circle(): Error {
  const error: Error & { errors?: unknown } = new Error(SECRET)
  error.cause = error
  error.errors = [error]
  return error
}

/** Returns a chain of errors, each the cause of the previous one. Only the last has a code. */
const chain = (length: number): Error =>
  length === 1 ? quoting('EPIPE') : new Error(SECRET, { cause: chain(length - 1) })

const get = () => {
  throw new Error(SECRET)
}
const throwing = new Proxy({}, { get })

const several = new AggregateError([quoting('ECONNREFUSED')])
it.each<[string, unknown, string]>([
  ['of the error', quoting('ECONNRESET'), 'ECONNRESET'],
  ['of its cause', new TypeError('fetch failed', { cause: quoting('ENOTFOUND') }), 'ENOTFOUND'],
  ['of the first attempt to connect', new TypeError('x', { cause: several }), 'ECONNREFUSED'],
  ['of the sixth error in a chain', chain(6), 'EPIPE'],
  ['of OpenSSL', quoting('ERR_OSSL_X509_KEY_VALUES_MISMATCH'), 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'],
  ['of a cause, below a numeric code', Object.assign(quoting(20), { cause: quoting('EPIPE') }), 'EPIPE'],
])('safeCause keeps the code of a failure: %s', (_title, thrown, code) => {
  const cause = safeCause(thrown)
  expect(cause).toMatchObject({ code, message: code })
  expect(cause).not.toHaveProperty('cause')
  expect(Object.keys(cause)).toEqual(['code'])
})

it.each<[string, unknown]>([
  ['a code that quotes the token', quoting(SECRET)],
  ['a code that is a person’s number', quoting(PID)],
  ['a code with a person’s number after letters', quoting(`EX${PID}`)],
  ['a code that is an object', quoting({ toString: () => 'ECONNRESET' })],
  ['a code of the seventh error in a chain', chain(7)],
  ['a code in lower case', quoting('request_rejected')],
  ['a code with a line break', quoting('ECONNRESET\n')],
  ['a long code', quoting('A'.repeat(17))],
  ['a code of one letter', quoting('E')],
  ['a name that quotes the token', Object.assign(new Error('x'), { name: `${SECRET}Error` })],
  ['a name before the token', Object.assign(new Error('x'), { name: `Error${SECRET}` })],
  ['a circle of causes', circle()],
  ['a proxy that throws', throwing],
  ['a string', SECRET],
  ['null', null],
  ['a function', Object.assign(() => SECRET, { code: 'EPIPE' })],
])('safeCause keeps nothing of %s', (_title, thrown) => {
  const cause = safeCause(thrown)
  expect(cause).toBeInstanceOf(Error)
  expect(cause.message).toBe('An error without a system code')
  expect(cause).not.toHaveProperty('code')
  for (const shown of [inspect(cause, { depth: 9, showHidden: true }), String(cause), cause.stack]) {
    for (const secret of [SECRET, PID]) expect(shown).not.toContain(secret)
  }
})

it.each([
  ['TypeError', 'TypeError'],
  ['AccessDeniedException', 'AccessDeniedException'],
  ['Http2Error', 'Error'],
  ['', 'Error'],
  [{ toString: (): string => 'TypeError' }, 'Error'],
])('for an error with the name %j, safeCause returns an error with the name %j', (name, kept) => {
  expect(safeCause(Object.assign(new Error('x'), { name })).name).toBe(kept)
})

it('the name of an error from safeCause can be changed, like the name of any error', () => {
  expect(Object.getOwnPropertyDescriptor(safeCause(new TypeError('x')), 'name')).toEqual({
    value: 'TypeError',
    configurable: true,
    enumerable: false,
    writable: true,
  })
})
