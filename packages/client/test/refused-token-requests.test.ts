import { describe, expect, it, test } from 'vitest'
import { everythingShownOf, LeakScanner } from '../../../test/contract/security/leaks.js'
import { hintFor } from '../src/known-refusals.js'
import { ISSUER, refusalOf } from './kit.js'

/** A trace id that ends in eleven decimal digits, as many as a national identity number has. */
const TRACE_ID = '0af7651916cd43dd8448e12112345678'
const CORRELATION_ID = '5b1e0c7a-3f52-4d2e-9a55-0c6de1f2a7b4'
const REFUSED = 'Invalid assertion. Client authentication failed.'

/** Maskinporten's issuer, and null for Texas, which passes on only `error` and `error_description`. */
const SOURCES = [ISSUER, null]

const says = (error_description: string, error = 'invalid_grant') => ({ error, error_description })

describe('a refused token request', () => {
  const INVALID_SCOPE = 'Token request contains invalid scopes for client, nav:helse/sykepenger/afp.read'
  const NOT_GRANTED = 'Consumer has not been granted access to the scope nav:helse/sykepenger/afp.read.'
  // Answers of the real token endpoint, with placeholder identifiers, and the code in their `error_uri`.
  test.each<[number, string, string, string | undefined, string?]>([
    [400, 'invalid_grant', `${REFUSED} Expired key.`, 'MP-121', 'MP-121'],
    [400, 'invalid_grant', `${REFUSED} Unknown key identifier (kid) for client.`, undefined],
    [400, 'invalid_scope', INVALID_SCOPE, 'MP-200', 'MP-200'],
    [403, 'forbidden', NOT_GRANTED, 'MP-250'],
    [400, 'invalid_altinn_customer_configuration', 'The customer has not set this up', 'MP-303'],
  ])(
    'the refusal %i %s "%s", direct or through Texas, is reported with the code %s and a trace id',
    (status, error, description, maskinportenCode, uri) => {
      for (const issuer of SOURCES) {
        const error_uri = uri && issuer && `https://maskinporten.no/errors/${uri}`
        const bodyWith = (trace: string) => ({ ...says(`${description} ${trace}`, error), error_uri })
        const refusal = refusalOf({ status, body: bodyWith(`(trace_id: ${TRACE_ID})`) }, issuer)
        expect(refusal).toMatchObject({
          code: 'request_rejected',
          ...{ status, error, maskinportenCode, description, traceId: TRACE_ID },
          retryable: false,
        })
        const older = refusalOf({ status, body: bodyWith(`. (correlation id: ${CORRELATION_ID})`) }, issuer)
        expect(older).toMatchObject({ maskinportenCode, traceId: CORRELATION_ID })
      }
    },
  )

  const OTHER = 'https://other.example/'
  test.each<[unknown, string | null, string | undefined]>([
    ['https://maskinporten.no/errors/MP-121', null, 'MP-121'],
    ['https://test.maskinporten.no/errors/MP-121', OTHER, 'MP-121'],
    ['https://test.maskinporten.no/errors/MP-121?lang=nb', OTHER, 'MP-121'],
    ['https://test.maskinporten.no/?x=/MP-121', OTHER, undefined],
    ['https://test.maskinporten.no/errors/MP-121/more', OTHER, undefined],
    ['https://test.maskinporten.no/errors/XMP-121', OTHER, undefined],
    ['http://maskinporten.no/errors/MP-121', OTHER, undefined],
    ['https://maskinporten.no.evil.example/errors/MP-121', OTHER, undefined],
    ['https://evilmaskinporten.no/errors/MP-121', OTHER, undefined],
    ['https://maskinporten.no@evil.example/errors/MP-121', OTHER, undefined],
    ['https://other.example/errors/MP-121', `${OTHER}path/`, 'MP-121'],
    ['http://other.example/errors/MP-121', OTHER, undefined],
    ['https://other.example/errors/MP-121', null, undefined],
    ['/errors/MP-121', OTHER, 'MP-121'],
    ['/errors/MP-121', null, undefined],
    ['https://[/errors/MP-121', OTHER, undefined],
    [['https://maskinporten.no/errors/MP-121'], OTHER, undefined],
  ])(
    'the code in the `error_uri` %j for the issuer %s (null through Texas) is %s',
    (error_uri, issuer, code) => {
      expect(refusalOf({ body: { error: 'invalid_grant', error_uri } }, issuer).maskinportenCode).toBe(code)
    },
  )

  it('an `error_uri` is read if it has at most 2048 characters', () => {
    const codeIn = (length: number) => {
      const error_uri = ISSUER + 'errors/MP-121'.padStart(length - ISSUER.length, '/')
      return refusalOf({ body: { error: 'invalid_grant', error_uri } }).maskinportenCode
    }
    expect([codeIn(2048), codeIn(2049)]).toEqual(['MP-121', undefined])
  })

  const FROM_ERROR = 'invalid_altinn_customer_configuration'
  test.each<[string, string, string, string | undefined]>([
    ['is of the sentence, not of a scope that resembles a code', `${INVALID_SCOPE} MP-121`, '', 'MP-200'],
    ['is not read in a scope of an unknown sentence', 'Something about nav:MP-121', '', undefined],
    ['is read at the start of the description', 'MP-250: not granted', '', 'MP-250'],
    ['is not read at the start of a longer word', 'MP-2501 not granted', '', undefined],
    ['of a sentence wins over the code of `error`', 'Expired key', FROM_ERROR, 'MP-121'],
    ['of `error` wins over a code at the start of the description', 'MP-250', FROM_ERROR, 'MP-303'],
  ])('Maskinporten’s code %s', (_title, description, error, code) => {
    expect(refusalOf({ body: says(description, error) }).maskinportenCode).toBe(code)
  })

  test.each([
    ['invalid_grant', 'invalid_grant'],
    ['a'.repeat(40), 'a'.repeat(40)],
    ['a'.repeat(41), undefined],
    ['', undefined],
    ['Invalid', undefined],
    ['a\nb', undefined],
    [42, undefined],
    [['invalid_grant'], undefined],
  ])('the `error` %j is reported as %s', (error, reported) => {
    const code = typeof error === 'string' ? 'request_rejected' : 'unexpected_answer'
    expect(refusalOf({ body: { error } })).toMatchObject({ code, error: reported })
    expect(refusalOf({ status: 503, body: { error } }).error).toBe(reported)
  })

  test.each([
    [`of 64: ${'a'.repeat(64)}`, `of 64: ${'a'.repeat(64)}`],
    [`of 65: ${'a'.repeat(65)}`, 'of 65: [removed]'],
    [`Upper ${'aB'.repeat(12)} case`, 'Upper [removed] case'],
    [`of 23: ${'aB'.repeat(11)}c`, `of 23: ${'aB'.repeat(11)}c`],
    ['a JWT eyJhbGciOiJ cut', 'a JWT [removed] cut'],
    ['say "no" \\ here', 'say ?no? ? here'],
    ['  space  ', 'space'],
    ['person 01010199999 here', 'person [removed] here'],
    [`cut: ${'ab '.repeat(200)}`, `cut: ${'ab '.repeat(200)}`.slice(0, 300)],
    [`cut after that: ${'ab '.repeat(90)}${'aB'.repeat(13)}`, `cut after that: ${'ab '.repeat(90)}[removed]`],
  ])('the description "%s" of a refusal becomes "%s" in the client’s error', (description, shown) => {
    expect(refusalOf({ body: says(description) }).description).toBe(shown)
  })

  test.each([
    [`Text (trace_id: ${TRACE_ID})`, TRACE_ID],
    [`Text (trace_id:${TRACE_ID}).`, TRACE_ID],
    [`Text (trace_id: ${TRACE_ID.toUpperCase()})`, TRACE_ID.toUpperCase()],
    [`Text (correlation id:${CORRELATION_ID})`, CORRELATION_ID],
    [`(trace_id: ${TRACE_ID}) and more`, undefined],
    [`Text (trace_id: ${TRACE_ID}a)`, undefined],
  ])('the trace id in the description "%s" is %s', (description, traceId) => {
    expect(refusalOf({ body: says(description) }).traceId).toBe(traceId)
  })

  it('the error for a refusal without a description has neither `description` nor `traceId`', () => {
    const error = refusalOf({ body: { error: 'invalid_grant' } })
    expect([error.description, error.traceId]).toEqual([undefined, undefined])
  })
})

describe('the hint of a refusal', () => {
  const UNKNOWN_KID = `${REFUSED} Unknown key identifier (kid) for client.`
  const byKid = { cause: expect.stringMatching(/`kid`/) }
  test.each<[string, string, string, object]>([
    ['a known sentence without a code, even if `error_uri` has a code', UNKNOWN_KID, 'MP-100', byKid],
    ['the code in `error_uri`, even if the sentence has another', 'Expired key', 'MP-250', hintFor('MP-250')],
    ['no code, if the code is unknown', 'x', 'MP-999', hintFor(undefined)],
  ])('the hint of a refusal is determined by %s', (_title, description, maskinportenCode, hint) => {
    const error_uri = `${ISSUER}errors/${maskinportenCode}`
    const refusal = refusalOf({ body: { ...says(description), error_uri } })
    expect(refusal).toMatchObject({ maskinportenCode, hint })
  })

  it('a failure of Texas with a known sentence is retryable and has the hint of the sentence', () => {
    const refusal = refusalOf({ status: 500, body: says('Upstream request failed: x', 'x') }, null)
    expect(refusal).toMatchObject({ code: 'unavailable', maskinportenCode: undefined, retryable: true })
    expect(refusal.hint.cause).toBe('Texas cannot reach Maskinporten')
  })
})

describe('foreign text in a refusal', () => {
  const PART = 'aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5dE7fG9hJ'
  const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${PART}.${PART}-_${PART}`
  const FOREIGN = 'https://evil.example/errors/MP-121'
  const LONG = 'x'.repeat(5000)
  const PIDS = ['01010199999', '010101 99999', '010101.99999']
  const CONTROL = 'a\0b\u001b[31mc\u2028d\u202ee bokmål'

  const secrets = new LeakScanner()
  for (const secret of [TOKEN, FOREIGN, LONG]) secrets.guard(secret)
  for (const whole of [...PIDS, '010101', 'evil.example', '\0', '\u001b', '\u2028', '\u202e', 'bokmål'])
    secrets.guardWhole(whole)

  const pieces = [
    ...PIDS,
    '010101\t99999',
    `${' '.repeat(3993)}${PIDS[0]}`,
    TOKEN,
    PART,
    CONTROL,
    LONG,
    FOREIGN,
  ]
  const places: [string, (piece: string) => object][] = [
    ['as the description', (piece) => says(piece)],
    ['after a sentence', (piece) => says(`Invalid authorization details values: ${piece}`)],
    ['as the trace id', (piece) => says(`Expired key. (trace_id: ${piece})`)],
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
    for (const status of [400, 500]) {
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
