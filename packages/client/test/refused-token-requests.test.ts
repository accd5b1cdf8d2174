import { describe, expect, it, test } from 'vitest'
import { everythingShownOf, LeakScanner } from '../../../test/contract/security/leaks.js'
import { hintFor } from '../src/known-refusals.js'
import { ISSUER, refusalOf } from './kit.js'
import { CORRELATION_ID, DESCRIPTIONS, OBSERVED, REFUSED, TRACE_ID } from './observed-refusals.js'

/** Maskinporten's issuer, and null for Texas, which passes on only `error` and `error_description`. */
const SOURCES = [ISSUER, null]

describe('a refused token request', () => {
  test.each(OBSERVED)(
    'the refusal %i %s "%s", direct or through Texas, is reported with the code %s, a hint and a trace id',
    (status, error, description, maskinportenCode, hint, uri) => {
      for (const issuer of SOURCES) {
        const error_uri = uri && issuer && `https://maskinporten.no/errors/${uri}`
        const bodyWith = (trace: string) => ({
          error,
          error_description: `${description} ${trace}`,
          error_uri,
        })
        const refusal = refusalOf({ status, body: bodyWith(`(trace_id: ${TRACE_ID})`) }, issuer)
        expect(refusal).toMatchObject({
          code: 'request_rejected',
          ...{ status, error, maskinportenCode, description, traceId: TRACE_ID },
          retryable: false,
          message: expect.stringMatching(hint),
        })
        const older = refusalOf({ status, body: bodyWith(`. (correlation id: ${CORRELATION_ID})`) }, issuer)
        expect(older).toMatchObject({ maskinportenCode, traceId: CORRELATION_ID })
      }
    },
  )

  test.each(DESCRIPTIONS)(
    'the description "%s" determines the code %s and the hint',
    (error_description, maskinportenCode, hint) => {
      const expected = { maskinportenCode, message: expect.stringMatching(hint) }
      for (const issuer of SOURCES)
        expect(refusalOf({ body: { error: 'invalid_grant', error_description } }, issuer)).toMatchObject(
          expected,
        )
    },
  )

  const uri = (path: string) => ({ error_uri: `${ISSUER}${path}` })
  test.each<[string, object, string | undefined]>([
    [
      'in `error_uri` wins over the code of a sentence',
      { ...says('Expired key'), ...uri('errors/MP-124') },
      'MP-124',
    ],
    ['in the query of `error_uri` is ignored', uri('?x=/MP-121'), undefined],
    ['in the middle of the path of `error_uri` is ignored', uri('errors/MP-121/more'), undefined],
    ['within a longer path segment of `error_uri` is ignored', uri('errors/XMP-121'), undefined],
    ['before a query in `error_uri` counts', uri('errors/MP-121?lang=nb'), 'MP-121'],
    ['in a relative `error_uri` counts (RFC 6749 §5.2)', { error_uri: '/errors/MP-121' }, 'MP-121'],
    ['on another host is ignored', { error_uri: 'https://evil.example/errors/MP-121' }, undefined],
    [
      'on a host whose name ends like Digdir’s is ignored',
      { error_uri: 'https://evilmaskinporten.no/errors/MP-121' },
      undefined,
    ],
    [
      'is ignored when Digdir’s host is only the user name',
      { error_uri: 'https://maskinporten.no@evil.example/errors/MP-121' },
      undefined,
    ],
    [
      'in an `error_uri` of 2048 characters counts',
      uri('errors/MP-121'.padStart(2048 - ISSUER.length, '/')),
      'MP-121',
    ],
    [
      'in a longer `error_uri` is ignored',
      uri('errors/MP-121'.padStart(2049 - ISSUER.length, '/')),
      undefined,
    ],
    ['in an invalid URI is ignored', { error_uri: 'https://[/errors/MP-121' }, undefined],
    ['in a list as `error_uri` is ignored', { error_uri: [`${ISSUER}errors/MP-121`] }, undefined],
    [
      'comes from the sentence, even when a scope is named like a code',
      says('Token request contains invalid scopes for client, nav:MP-121'),
      'MP-200',
    ],
    ['in a scope of an unknown sentence is ignored', says('Something about nav:MP-121'), undefined],
    [
      'does not come from a sentence in the middle of the description',
      says('Something about Expired key'),
      undefined,
    ],
    ['does not come from a sentence with a longer last word', says(`${REFUSED} Expired keystore`), undefined],
    ['is MP-100 when the client is not authenticated and no sentence follows', says(REFUSED), 'MP-100'],
    ['is MP-100 when only the trace id follows', says(`${REFUSED} (trace_id: ${TRACE_ID})`), 'MP-100'],
    ['is not MP-100 when an unknown sentence follows', says(`${REFUSED} New.`), undefined],
    ['is not MP-100 when the sentence is incomplete', says('Invalid assertion.'), undefined],
    ['counts at the start of the description', says('MP-250: not granted'), 'MP-250'],
    ['as the beginning of a longer word is ignored', says('MP-2501 not granted'), undefined],
    ['after other words of the description is ignored', says('See MP-250'), undefined],
    [
      'of a known sentence wins over the code that belongs to `error`',
      says('Expired key', 'invalid_altinn_customer_configuration'),
      'MP-121',
    ],
    [
      'that belongs to `error` wins over a code at the start of the description',
      says('MP-250', 'invalid_altinn_customer_configuration'),
      'MP-303',
    ],
  ])('Maskinporten’s code %s', (_title, members, code) => {
    expect(refusalOf({ body: { error: 'invalid_grant', ...members } }).maskinportenCode).toBe(code)
  })

  test.each<[string, string | null, string | undefined]>([
    ['https://maskinporten.no/errors/MP-121', 'https://other.example/', 'MP-121'],
    ['https://test.maskinporten.no/errors/MP-121', 'https://other.example/', 'MP-121'],
    ['http://maskinporten.no/errors/MP-121', 'https://other.example/', undefined],
    ['https://maskinporten.no.evil.example/errors/MP-121', 'https://other.example/', undefined],
    ['https://other.example/errors/MP-121', 'https://other.example/', 'MP-121'],
    ['https://other.example/errors/MP-121', 'https://other.example/path/', 'MP-121'],
    ['http://other.example/errors/MP-121', 'https://other.example/', undefined],
    ['https://maskinporten.no/errors/MP-121', null, 'MP-121'],
    ['https://other.example/errors/MP-121', null, undefined],
    ['/errors/MP-121', null, undefined],
  ])(
    'the code in the `error_uri` %s for the issuer %s (null through Texas) is %s',
    (error_uri, issuer, code) => {
      expect(refusalOf({ body: { error: 'invalid_grant', error_uri } }, issuer).maskinportenCode).toBe(code)
    },
  )

  test.each([
    ['invalid_grant', 'invalid_grant'],
    ['a'.repeat(40), 'a'.repeat(40)],
    ['a'.repeat(41), undefined],
    ['', undefined],
    ['Invalid', undefined],
    ['invalid grant', undefined],
    ['invalid_grant!', undefined],
    ['a\nb', undefined],
    ['<b>', undefined],
    ['x1', undefined],
    [42, undefined],
    [null, undefined],
    [['invalid_grant'], undefined],
  ])('the `error` %j is reported as %s', (error, reported) => {
    const code = typeof error === 'string' ? 'request_rejected' : 'unexpected_answer'
    expect(refusalOf({ body: { error } })).toMatchObject({ code, error: reported })
    expect(refusalOf({ status: 503, body: { error } }).error).toBe(reported)
  })

  test.each([
    ['A scope/with.lower-case_letters.only.and.long', 'A scope/with.lower-case_letters.only.and.long'],
    [`of 64: ${'a'.repeat(64)}`, `of 64: ${'a'.repeat(64)}`],
    [`of 65: ${'a'.repeat(65)}`, 'of 65: [removed]'],
    [`Upper ${'aB'.repeat(12)} case`, 'Upper [removed] case'],
    [`of 23: ${'aB'.repeat(11)}c`, `of 23: ${'aB'.repeat(11)}c`],
    ['a JWT eyJh cut', 'a JWT [removed] cut'],
    ['a JWT eyJhbGciOiJ cut', 'a JWT [removed] cut'],
    ['say "no" \\ here', 'say ?no? ? here'],
    ['  space  ', 'space'],
    ['person 01010199999 here', 'person [removed] here'],
    [`cut: ${'ab '.repeat(200)}`, `cut: ${'ab '.repeat(200)}`.slice(0, 300)],
    [
      `removed, then cut: ${'ab '.repeat(90)}${'aB'.repeat(12)}`,
      `removed, then cut: ${'ab '.repeat(90)}[removed]`,
    ],
  ])('the description "%s" of a refusal becomes "%s" in the client’s error', (error_description, shown) => {
    expect(refusalOf({ body: { error: 'invalid_grant', error_description } }).description).toBe(shown)
  })

  test.each([
    [`Text (trace_id: ${TRACE_ID})`, TRACE_ID],
    [`Text (trace_id:${TRACE_ID}).`, TRACE_ID],
    [`Text (trace_id: ${TRACE_ID.toUpperCase()})`, TRACE_ID.toUpperCase()],
    [`Text (correlation id: ${CORRELATION_ID})`, CORRELATION_ID],
    [`Text (correlation id:${CORRELATION_ID})`, CORRELATION_ID],
    [`(trace_id: ${TRACE_ID}) and more`, undefined],
    [`Text (trace_id: ${TRACE_ID}a)`, undefined],
    [`Text (correlation id: ${TRACE_ID})`, undefined],
    [`Text (trace_id: ${CORRELATION_ID})`, undefined],
  ])('the trace id in the description "%s" is %s', (error_description, traceId) => {
    expect(refusalOf({ body: { error: 'invalid_grant', error_description } }).traceId).toBe(traceId)
  })

  it('a known sentence without a code determines the hint, even if `error_uri` has a code', () => {
    const body = { ...says(`${REFUSED} Unknown key identifier (kid) for client.`), ...uri('errors/MP-100') }
    expect(refusalOf({ body })).toMatchObject({
      maskinportenCode: 'MP-100',
      hint: { cause: expect.stringMatching(/`kid`/) },
    })
  })

  it('the code in `error_uri` determines the hint, even if the sentence in the description has another code', () => {
    const refusal = refusalOf({ body: { ...says('Expired key'), ...uri('errors/MP-250') } })
    expect(refusal).toMatchObject({ maskinportenCode: 'MP-250', hint: hintFor('MP-250') })
  })

  it('an unknown code gets the general hint', () => {
    const refusal = refusalOf({ body: { error: 'invalid_grant', ...uri('errors/MP-999') } })
    expect(refusal).toMatchObject({ maskinportenCode: 'MP-999', hint: hintFor(undefined) })
  })

  it('the error for a refusal without a description has neither `description` nor `traceId`', () => {
    const error = refusalOf({ body: { error: 'invalid_grant' } })
    expect([error.description, error.traceId]).toEqual([undefined, undefined])
  })
})

describe('a refusal by Texas', () => {
  test.each([
    [400, "identity provider 'maskinporten' is not enabled", /set up for Maskinporten: .*enabled: true/],
    [
      500,
      'Upstream request failed: error sending request for url (http://x/token)',
      /cannot reach Maskinporten/,
    ],
    [500, 'Failed to parse JSON: error decoding response body', /not a token response/],
  ])('a refusal by Texas with status %i and "%s" has a specific hint', (status, error_description, hint) => {
    const code = status === 400 ? 'request_rejected' : 'unavailable'
    expect(refusalOf({ status, body: { error: 'x', error_description } }, null)).toMatchObject({
      ...{ code, maskinportenCode: undefined, retryable: status === 500 },
      message: expect.stringMatching(hint),
    })
  })
})

describe('foreign text in a refusal', () => {
  const PID = '01010199999'
  const PART = 'aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5dE7fG9hJ'
  const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${PART}.${PART}-_${PART}`
  const FOREIGN = 'https://evil.example/errors/MP-121'
  const LONG = 'x'.repeat(5000)
  const PIDS = [PID, '010101 99999', '010101.99999']

  const secrets = new LeakScanner()
  for (const secret of [TOKEN, FOREIGN, LONG]) secrets.guard(secret)
  for (const whole of [...PIDS, '010101', 'evil.example', '\0', '\u001b', '\u2028', '\u202e', 'bokmål'])
    secrets.guardWhole(whole)

  const pieces = [
    ...PIDS,
    `x${PID}y`,
    `010101\t99999`,
    `${' '.repeat(3993)}${PID}`,
    TOKEN,
    `Bearer ${TOKEN}`,
    PART,
    'a\0b\u001b[31mc\u2028d\u202ee bokmål',
    LONG,
    FOREIGN,
  ]
  const places: [string, (piece: string) => object][] = [
    ['after a sentence', (piece) => says(`Invalid authorization details values: ${piece}`)],
    ['as the description', (piece) => says(piece)],
    ['before the trace id', (piece) => says(`${piece} (trace_id: ${TRACE_ID})`)],
    ['as the trace id', (piece) => says(`Expired key. (trace_id: ${piece})`)],
    ['as the correlation id', (piece) => says(`Expired key (correlation id: ${piece})`)],
    ['as the organisation', (piece) => says(`Consumer ${piece} has not delegated access`)],
    ['as `error`', (piece) => ({ error: piece })],
    ['as `error_uri`', (piece) => ({ error_uri: piece })],
    ['in the path of `error_uri`', (piece) => ({ error_uri: `${ISSUER}${encodeURI(piece)}/MP-121` })],
    ['in an object', (piece) => ({ error_description: { text: piece }, error_uri: [piece] })],
    ['in other members', (piece) => ({ [piece]: piece, stack: piece, cause: piece, hint: piece })],
  ]
  const cases = places.flatMap(([where, members]) =>
    pieces.map((piece) => [where, JSON.stringify(piece).slice(0, 40), members(piece)] as const),
  )

  test.each(cases)('foreign text %s is not in the error: %s', (_where, _piece, members) => {
    const body = { error: 'invalid_grant', ...members }
    for (const status of [400, 403, 500]) {
      for (const issuer of SOURCES) {
        const error = refusalOf({ status, body }, issuer)
        expect(secrets.findIn(everythingShownOf(error))).toEqual([])
        expect(JSON.stringify({ ...error }).length).toBeLessThan(1500)
      }
    }
  })

  it('a description of 2,000,000 characters is processed in linear time', () => {
    // A quadratic algorithm exceeds the timeout of the test.
    const traces = '(trace_id: '.repeat(90_000) + ' '.repeat(1_000_000)
    for (const description of [traces, 'a'.repeat(2_000_000), 'Invalid JWT. '.repeat(150_000)]) {
      expect(refusalOf({ body: says(description) }).code).toBe('request_rejected')
    }
  })
})

function says(error_description: string, error = 'invalid_grant') {
  return { error, error_description }
}
