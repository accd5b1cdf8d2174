import { createTestClock } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { describeFailure, reportFailure } from '../../src/keys/health.js'
import { Stopwatch } from '../../src/platform/clock.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'

it('describeFailure returns a fixed message for any error, and not the message of the error', () => {
  expect(describeFailure(new UpstreamError('timeout'))).toStrictEqual({
    reason: 'timeout',
    message: expect.stringMatching(/^The endpoint did not answer in time: check outbound access/),
  })
  expect(describeFailure(new Error('secret'))).toEqual({
    reason: 'unreachable',
    message: 'The endpoint could not be reached: check outbound access, DNS and whether a proxy is needed',
  })
})

it('describeFailure and reportFailure return the platform’s error code, in a frozen object', () => {
  const cause = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) })
  const error = new UpstreamError('unreachable', { cause })
  const described = describeFailure(error)
  expect(described).toMatchObject({
    reason: 'unreachable',
    code: 'ENOTFOUND',
    message: expect.stringMatching(/could not be reached \(ENOTFOUND\): the host name is not in DNS/),
  })
  expect(Object.isFrozen(described)).toBe(true)
  const age = new Stopwatch(createTestClock())
  expect(reportFailure({ error, age })).toEqual({ ...described, age: 0 })
})
