import { createTestClock } from '@portvakt/mock'
import { describe, expect, it, test } from 'vitest'
import { everythingShownOf, LeakScanner } from '../../../test/security/leaks.js'
import { createMaskinportenClient, type Fetch, type MaskinportenClient } from '../src/index.js'
import { errorOf, SCOPE } from './kit.js'
import { CORRELATION_ID, OBSERVED, type RefusalRow, SENTENCE_FORMS, TRACE_ID } from './refusal-rows.js'

const ISSUER = 'https://test.maskinporten.no/'
const GENERAL = {
  cause: 'Maskinporten rejected the token request',
  fix: 'check client, key, scope and environment',
}
const clock = createTestClock()

const answering =
  (body: unknown, status: number): Fetch =>
  async () =>
    Response.json(body, { status })

const clientOf = (fetch: Fetch): MaskinportenClient =>
  createMaskinportenClient({
    issuer: ISSUER,
    tokenEndpoint: `${ISSUER}token`,
    clientId: 'a-client',
    key: { sign: () => new Uint8Array(256), keyId: 'kid' },
    fetch,
    clock,
  })

const texasOf = (fetch: Fetch): MaskinportenClient =>
  createMaskinportenClient({ texas: 'http://127.0.0.1:7164/api/v1/token', fetch, clock })

/** What the client makes of a token endpoint's answer. */
const refusalOf = (body: unknown, status = 400) =>
  errorOf(clientOf(answering(body, status)).getToken({ scope: SCOPE }))

/** The same refusal through Texas, which hands on `error` and `error_description` only. */
const texasRefusalOf = ({ error, error_description }: Record<string, unknown>, status = 400) =>
  errorOf(texasOf(answering({ error, error_description }, status)).getToken({ scope: SCOPE }))

const bodyOf = ({ error, sentence, uri }: RefusalRow, trace: string) => ({
  error,
  error_description: `${sentence} ${trace}`,
  ...(uri !== undefined && { error_uri: `https://maskinporten.no/errors/${uri}` }),
})

describe('every observed refusal of Maskinporten has its code, hint and trace id', () => {
  const rows = OBSERVED.map((row) => [row.status, row.sentence, row] as const)

  test.each(rows)('%i %s', async (_status, _sentence, row) => {
    const expected = {
      code: 'request_rejected',
      status: row.status,
      error: row.error,
      maskinportenCode: row.code,
      description: row.sentence,
      retryable: false,
      message: expect.stringMatching(row.hint),
    }
    const traced = bodyOf(row, `(trace_id: ${TRACE_ID})`)
    expect(await refusalOf(traced, row.status)).toMatchObject({ ...expected, traceId: TRACE_ID })
    expect(await texasRefusalOf(traced, row.status)).toMatchObject({ ...expected, traceId: TRACE_ID })
    const older = bodyOf(row, `. (correlation id: ${CORRELATION_ID})`)
    expect((await refusalOf(older, row.status)).traceId).toBe(CORRELATION_ID)
    expect((await texasRefusalOf(older, row.status)).maskinportenCode).toBe(row.code)
  })
})

describe('every sentence of Digdir identifies its code', () => {
  test.each(SENTENCE_FORMS)('%s', async (error_description, maskinportenCode, hint) => {
    const expected = { maskinportenCode, message: expect.stringMatching(hint) }
    expect(await refusalOf({ error: 'invalid_grant', error_description })).toMatchObject(expected)
    expect(await texasRefusalOf({ error: 'invalid_grant', error_description })).toMatchObject(expected)
  })
})

describe('the code of a refusal', () => {
  const codeOf = async (body: object) =>
    (await refusalOf({ error: 'invalid_grant', ...body })).maskinportenCode
  const REFUSED = 'Invalid assertion. Client authentication failed.'

  test.each<[string, object, string | undefined]>([
    [
      'is that of error_uri before that of a sentence',
      { error_uri: `${ISSUER}errors/MP-121`, error_description: `${REFUSED} Invalid JWT signature.` },
      'MP-121',
    ],
    ['is found in the path of error_uri, not in its query', { error_uri: `${ISSUER}?x=/MP-121` }, undefined],
    ['is found at the end of the path', { error_uri: `${ISSUER}errors/MP-121/more` }, undefined],
    ['is a whole segment of the path', { error_uri: `${ISSUER}errors/XMP-121` }, undefined],
    ['may be followed by a query', { error_uri: `${ISSUER}errors/MP-121?lang=nb` }, 'MP-121'],
    ['may come in a relative error_uri (RFC 6749 §5.2)', { error_uri: '/errors/MP-121' }, 'MP-121'],
    ['is not read from another host', { error_uri: 'https://evil.example/errors/MP-121' }, undefined],
    [
      'is not read from a host that ends like Digdir’s',
      { error_uri: 'https://evilmaskinporten.no/errors/MP-121' },
      undefined,
    ],
    [
      'is not read where the host is a user name',
      { error_uri: 'https://maskinporten.no@evil.example/errors/MP-121' },
      undefined,
    ],
    ['is not read from an invalid URI', { error_uri: 'https://[/errors/MP-121' }, undefined],
    ['is not read from an object', { error_uri: { href: `${ISSUER}errors/MP-121` } }, undefined],
    [
      'is that of the sentence where the scope is named like a code',
      { error_description: 'Token request contains invalid scopes for client, nav:MP-121' },
      'MP-200',
    ],
    [
      'is not decided by a scope in an unknown sentence',
      { error_description: 'Something about nav:MP-121' },
      undefined,
    ],
    [
      'is not decided by a sentence that something else quotes',
      { error_description: 'Something about Expired key' },
      undefined,
    ],
    ['needs the whole sentence', { error_description: `${REFUSED} Expired keystore` }, undefined],
    ['is MP-100 when nothing follows', { error_description: REFUSED }, 'MP-100'],
    [
      'is MP-100 when the trace id follows',
      { error_description: `${REFUSED} (trace_id: ${TRACE_ID})` },
      'MP-100',
    ],
    ['is not MP-100 when something unknown follows', { error_description: `${REFUSED} New.` }, undefined],
    ['is not MP-100 for half the words', { error_description: 'Invalid assertion.' }, undefined],
    ['may begin the description', { error_description: 'MP-250: not granted' }, 'MP-250'],
    ['does not begin a longer word', { error_description: 'MP-2501 not granted' }, undefined],
    ['does not come later', { error_description: 'See MP-250' }, undefined],
    [
      'is that of the sentence before that of `error`',
      { error: 'invalid_altinn_customer_configuration', error_description: 'Expired key' },
      'MP-121',
    ],
    [
      'is that of `error` before one that begins the description',
      { error: 'invalid_altinn_customer_configuration', error_description: 'MP-250' },
      'MP-303',
    ],
  ])('the code %s', async (_title, body, code) => {
    expect(await codeOf(body)).toBe(code)
  })

  it('an unknown code comes with the general hint', async () => {
    expect(await refusalOf({ error: 'invalid_grant', error_uri: `${ISSUER}errors/MP-999` })).toMatchObject({
      maskinportenCode: 'MP-999',
      hint: GENERAL,
    })
  })

  it('a sentence without a code decides the hint, also next to a code in error_uri', async () => {
    const error = await refusalOf({
      error: 'invalid_grant',
      error_description: `${REFUSED} Unknown key identifier (kid) for client.`,
      error_uri: `${ISSUER}errors/MP-100`,
    })
    expect(error).toMatchObject({
      maskinportenCode: 'MP-100',
      hint: { cause: expect.stringMatching(/`kid`/) },
    })
  })
})

describe('a refusal in the words of Texas', () => {
  const texasSays = (error_description: string, status = 400) =>
    texasRefusalOf({ error: status === 400 ? 'invalid_request' : 'server_error', error_description }, status)

  it('names the line of nais.yaml when Texas is not enabled for Maskinporten', async () => {
    const error = await texasSays("identity provider 'maskinporten' is not enabled")
    expect(error).toMatchObject({ code: 'request_rejected', maskinportenCode: undefined })
    expect(error.hint.fix).toContain('spec.maskinporten.enabled: true')
  })

  test.each([
    ['Upstream request failed: error sending request for url (http://x/token)', /cannot reach Maskinporten/],
    ['Failed to parse JSON: error decoding response body', /not a token response/],
  ])('%s', async (description, hint) => {
    const { fetch, asked } = counting(
      answering({ error: 'server_error', error_description: description }, 500),
    )
    const client = createMaskinportenClient({
      texas: 'http://127.0.0.1:7164/',
      fetch,
      clock,
      totalTimeout: 0.1,
    })
    const error = await errorOf(client.getToken({ scope: SCOPE }))
    expect(error).toMatchObject({
      code: 'unavailable',
      retryable: true,
      hint: { cause: expect.stringMatching(hint) },
    })
    expect(asked()).toBe(1)
  })
})

describe('the message of a refusal', () => {
  it('has error, code, status, trace id and hint, and not the description', async () => {
    const error = await refusalOf({
      error: 'invalid_scope',
      error_description: `Token request contains invalid scopes for client, nav:private (trace_id: ${TRACE_ID})`,
      error_uri: `${ISSUER}errors/MP-200`,
    })
    expect(error.message).toBe(
      `No token from Maskinporten (request_rejected, invalid_scope, MP-200, 400, trace id ${TRACE_ID}): ${error.hint.cause}: ${error.hint.fix}`,
    )
    expect(error.message).not.toContain('nav:private')
  })
})

function counting(fetch: Fetch): { fetch: Fetch; asked: () => number } {
  let count = 0
  const counted: Fetch = (...given) => {
    count++
    return fetch(...given)
  }
  return { fetch: counted, asked: () => count }
}

describe('an error keeps nothing foreign of a refusal', () => {
  const PID = '01010199999'
  const PART = 'aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5dE7fG9hJ'
  const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${PART}.${PART}-_${PART}`
  const FOREIGN = 'https://evil.example/errors/MP-121'
  const LONG = 'x'.repeat(5000)

  const secrets = new LeakScanner()
  for (const secret of [TOKEN, FOREIGN, LONG]) secrets.guard(secret)
  for (const whole of [
    PID,
    '010101 99999',
    '010101.99999',
    '010101',
    'evil.example',
    '\u0000',
    '\u001b',
    '\u2028',
    '\u202e',
    'bokmål',
  ])
    secrets.guardWhole(whole)

  const control = 'a\u0000b\u001b[31mc\u2028d\u202ee bokmål'
  const pieces = [
    PID,
    `x${PID}y`,
    `010101 99999`,
    `010101.99999`,
    `010101\t99999`,
    `${' '.repeat(3993)}${PID}`,
    TOKEN,
    `Bearer ${TOKEN}`,
    PART,
    control,
    LONG,
    FOREIGN,
  ]
  const places: [string, (piece: string) => object][] = [
    [
      'after a sentence',
      (piece) => ({ error_description: `Invalid authorization details values: ${piece}` }),
    ],
    ['as the description', (piece) => ({ error_description: piece })],
    ['before the trace id', (piece) => ({ error_description: `${piece} (trace_id: ${TRACE_ID})` })],
    ['as the trace id', (piece) => ({ error_description: `Expired key. (trace_id: ${piece})` })],
    ['as the correlation id', (piece) => ({ error_description: `Expired key (correlation id: ${piece})` })],
    ['as the organisation', (piece) => ({ error_description: `Consumer ${piece} has not delegated access` })],
    ['as error', (piece) => ({ error: piece })],
    ['as error_uri', (piece) => ({ error_uri: piece })],
    ['in the path of error_uri', (piece) => ({ error_uri: `${ISSUER}${encodeURI(piece)}/MP-121` })],
    ['in an object', (piece) => ({ error_description: { text: piece }, error_uri: [piece] })],
    ['in other members', (piece) => ({ [piece]: piece, stack: piece, cause: piece, hint: piece })],
  ]
  const cases = places.flatMap(([where, body]) =>
    pieces.map((piece) => [where, JSON.stringify(piece).slice(0, 40), body(piece)] as const),
  )

  test.each(cases)('%s: %s', async (_where, _piece, members) => {
    const body = { error: 'invalid_grant', ...members }
    for (const status of [400, 403, 500]) {
      const once = { totalTimeout: 0.1, clock }
      const fetch = answering(body, status)
      const direct = createMaskinportenClient({
        issuer: ISSUER,
        tokenEndpoint: `${ISSUER}token`,
        clientId: 'a-client',
        key: { sign: () => new Uint8Array(256), keyId: 'kid' },
        fetch,
        ...once,
      })
      const texas = createMaskinportenClient({ texas: 'http://127.0.0.1:7164/', fetch, ...once })
      for (const client of [direct, texas]) {
        const error = await errorOf(client.getToken({ scope: SCOPE }))
        expect(secrets.findIn(everythingShownOf(error))).toEqual([])
        expect(JSON.stringify({ ...error }).length).toBeLessThan(1500)
      }
    }
  })

  it('the description is cut at 300 characters, after its replacements', async () => {
    const { description = '' } = await refusalOf({
      error: 'invalid_grant',
      error_description: `${'word '.repeat(58)}${TOKEN}`,
    })
    expect(description.length).toBeLessThanOrEqual(300)
    expect(description).toMatch(/^(?:word ){58}\[removed/)
  })

  it('an answer without a description has neither description nor trace id', async () => {
    const error = await refusalOf({ error: 'invalid_grant' })
    expect(error.description).toBeUndefined()
    expect(error.traceId).toBeUndefined()
  })

  it('a description of 250,000 characters is read in linear time', async () => {
    const spaces = '(trace_id: '.repeat(11_000) + ' '.repeat(125_000)
    for (const error_description of [spaces, 'a'.repeat(250_000), 'Invalid JWT. '.repeat(19_000)]) {
      const begun = performance.now()
      await refusalOf({ error: 'invalid_grant', error_description })
      expect(performance.now() - begun).toBeLessThan(3000)
    }
  })
})

it('a byte that is not UTF-8 hides nothing else of a refusal', async () => {
  const uri = 'https://maskinporten.no/errors/MP-250'
  const text = JSON.stringify({ error: 'invalid_grant', error_description: 'p\u00e5', error_uri: uri })
  const fetch = async () => new Response(Buffer.from(text, 'latin1'), { status: 400 })
  const error = await errorOf(clientOf(fetch).getToken({ scope: SCOPE }))
  expect(error).toMatchObject({ code: 'request_rejected', maskinportenCode: 'MP-250' })
})
