import type { Fault } from '@portvakt/mock'
import { startMockMaskinporten } from '@portvakt/mock'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { Diagnosis } from '../../src/doctor/diagnosis.js'
import { checkMetadata } from '../../src/doctor/server.js'

const mock = await startMockMaskinporten()
afterAll(() => mock.close())
beforeEach(() => mock.clearFaults())
const metadataUrl = `${mock.url}.well-known/oauth-authorization-server`
const METADATA = await (await fetch(metadataUrl)).json()

/** Runs the steps `metadata` and `clock`. Returns the issuer in the metadata and the report of each step. */
async function check(fault?: Fault, issuers: readonly [string, ...string[]] = [mock.issuer]) {
  if (fault) mock.addFault('metadata', fault)
  const diagnosis = new Diagnosis()
  const issuer = await checkMetadata(diagnosis, { issuers, metadataUrl, endpoint: undefined })
  const [metadata, clock] = diagnosis.steps
  return { issuer, metadata, clock }
}

/** Returns an answer with changed metadata. Its `date` header differs from the current time by `seconds`. */
const answering = (members: object, seconds = 0): Fault => ({
  status: 200,
  headers: { 'content-type': 'application/json', date: new Date(Date.now() + seconds * 1000).toUTCString() },
  body: JSON.stringify({ ...METADATA, ...members }),
})

it('the steps `metadata` and `clock` pass if the metadata is valid and both clocks agree', async () => {
  const { issuer, metadata, clock } = await check()
  expect(issuer).toBe(mock.issuer)
  expect(metadata).toMatchObject({ step: 'metadata', outcome: 'passed', detail: metadataUrl })
  const detail = expect.stringMatching(/agrees|1 s/)
  expect(clock).toMatchObject({ step: 'clock', outcome: 'passed', detail })
})

it('if the issuer is allowed with and without its final slash, `doctor` uses the form in the metadata', async () => {
  const { issuer } = await check(undefined, [mock.issuer.slice(0, -1), mock.issuer])
  expect(issuer).toBe(mock.issuer)
})

const OTHER = 'https://other.example/'
it.each<[string, Fault, RegExp]>([
  ['metadata of another issuer', answering({ issuer: OTHER }), /issuer "https:\S+example\/", and not http/],
  ['metadata without an issuer', answering({ issuer: 1 }), /names no issuer, and not/],
  ['metadata without a token endpoint', answering({ token_endpoint: undefined }), /no `token_endpoint` on/],
  [
    'metadata with keys on another host',
    answering({ jwks_uri: OTHER }),
    /no `jwks_uri` on the issuer’s host/,
  ],
  ['a page in place of metadata', 'html', /did not answer with JSON/],
  ['a redirect', { status: 302, headers: { location: '/' } }, /answers 302$/],
])('the step `metadata` of `doctor` fails for %s', async (_title, fault, detail) => {
  const { issuer, metadata } = await check(fault)
  expect(issuer).toBeUndefined()
  const failed = { outcome: 'failed', detail: expect.stringMatching(detail), fix: expect.any(String) }
  expect(metadata).toMatchObject(failed)
})

it.each([
  [-60, 'failed', /60 s ahead of the server’s; 10 s are tolerated|59 s|61 s/],
  [60, 'failed', /\d+ s behind the server’s; 10 s are tolerated/],
  [-6, 'passed', /[567] s ahead of the server’s$/],
  [6, 'passed', /[567] s behind the server’s$/],
])('when clocks differ by %i s, the outcome of the step `clock` is %s', async (seconds, outcome, detail) => {
  const { clock } = await check(answering({}, seconds))
  expect(clock).toMatchObject({ outcome, detail: expect.stringMatching(detail) })
})

it('the step `clock` compares the clocks even if the step `metadata` fails', async () => {
  const date = new Date(Date.now() - 3600_000).toUTCString()
  const { metadata, clock } = await check({ status: 503, headers: { date } })
  expect(metadata?.detail).toMatch(/answers 503$/)
  const detail = expect.stringMatching(/3\d\d\d s ahead/)
  expect(clock).toMatchObject({ outcome: 'failed', detail, fix: expect.stringContaining('NTP') })
})

it('when the server closes the connection, the step `metadata` fails, and the step `clock` is skipped', async () => {
  const { metadata, clock } = await check('reset')
  const detail = expect.stringMatching(/cannot be reached \(\w+\)/)
  expect([metadata, clock]).toMatchObject([{ outcome: 'failed', detail }, { outcome: 'skipped' }])
})
