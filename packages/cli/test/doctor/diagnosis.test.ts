import { MaskinportenClientError } from '@portvakt/client'
import { MaskinportenError, type UpstreamFailure } from '@portvakt/core'
import { REASONS, UpstreamError } from '@portvakt/core/internal'
import { expect, it } from 'vitest'
import { Diagnosis, Problem, type StepReport } from '../../src/doctor/diagnosis.js'

const part = 'consumer'
const passing = async () => ['fine', 'result'] as const
/** Returns a diagnosis whose step `a` has failed with this error. */
async function failedWith(error: unknown, report?: (report: StepReport) => void) {
  const diagnosis = new Diagnosis(report)
  await diagnosis.make({ part, step: 'a' }, () => Promise.reject(error))
  return diagnosis
}

it('Diagnosis.make returns the result of a step that passes, and reports the step’s detail and any fix', async () => {
  const diagnosis = new Diagnosis()
  expect(await diagnosis.make({ part, step: 'a' }, passing)).toBe('result')
  const advised = async () => [{ detail: 'open', fix: 'close it' }, 0] as const
  await diagnosis.make({ part, step: 'b', subject: 'x' }, advised)
  expect(diagnosis.steps).toEqual([
    { part, step: 'a', outcome: 'passed', detail: 'fine' },
    { part, step: 'b', subject: 'x', outcome: 'passed', detail: 'open', fix: 'close it' },
  ])
  expect([diagnosis.failed, diagnosis.hasPassed('a'), diagnosis.hasPassed('c')]).toEqual([0, true, false])
})

it('a step of `doctor` is skipped if a step that it needs, directly or indirectly, has failed', async () => {
  const reports: StepReport[] = []
  const diagnosis = await failedWith(new Problem('broken', 'mend it'), (report) => reports.push(report))
  await diagnosis.make({ part, step: 'b', needs: ['a'] }, passing)
  await diagnosis.make({ part, step: 'c', needs: ['b'] }, passing)
  expect(reports).toEqual([
    { part, step: 'a', outcome: 'failed', detail: 'broken', fix: 'mend it' },
    { part, step: 'b', outcome: 'skipped', detail: 'needs the step a' },
    { part, step: 'c', outcome: 'skipped', detail: 'needs the step b' },
  ])
  expect(diagnosis.failed).toBe(1)
})

it('a step of `doctor` that does not apply does not block the steps that need its result', async () => {
  const diagnosis = new Diagnosis()
  diagnosis.skip({ part, step: 'a' }, 'not here')
  expect(await diagnosis.make({ part, step: 'b', needs: ['a'] }, passing)).toBe('result')
})

const hint = { cause: 'the cause', fix: 'the fix' }
const REFUSAL = new MaskinportenClientError('request_rejected', {
  ...{ hint, status: 400, error: 'invalid_scope', maskinportenCode: 'MP-200', traceId: 'a1' },
  description: 'a description',
})
const REFUSED = 'the cause (request_rejected, invalid_scope, MP-200, 400, trace id a1): “a description”'
const refused = Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' })
const unreachable = new UpstreamError('unreachable', { cause: refused })
const upstream = (failure: UpstreamFailure) => new UpstreamError(failure)
const unavailable = (cause?: Error) => new MaskinportenError('keys_unavailable', { cause })

it.each<[string, unknown, string, RegExp]>([
  ['a refusal of the token endpoint', REFUSAL, REFUSED, /^the fix$/],
  ['a failed connection', unreachable, 'it cannot be reached (ECONNREFUSED)', /^nothing listens/],
  ['a timeout', upstream('timeout'), 'it does not answer in time', /outbound access/],
  ['an unused proxy', upstream('proxy_not_used'), 'it cannot be reached directly', /NODE_USE_ENV_PROXY=1/],
  ['an error status', upstream('bad_status'), 'The endpoint answered with an error status', /status page/],
  ['a web page', upstream('not_json'), 'The endpoint did not answer with JSON', /login page/],
  ['missing keys', unavailable(unreachable), 'it cannot be reached (ECONNREFUSED)', /^nothing/],
  ['a refusal without a cause', unavailable(), REASONS.keys_unavailable.hint.cause, /health/],
  ['a wrong option', new TypeError('`issuer` is wrong'), '`issuer` is wrong', /configuration/],
])('if a step fails with %s, `doctor` reports the failure and a fix', async (_title, error, detail, fix) => {
  const { steps } = await failedWith(error)
  expect(steps).toEqual([{ part, step: 'a', outcome: 'failed', detail, fix: expect.stringMatching(fix) }])
})

it('the report of `doctor` on an unknown error does not repeat the message of the error', async () => {
  const { steps } = await failedWith(new Error('eyJhbGciOi.secret'))
  expect(JSON.stringify(steps)).not.toContain('secret')
})
