import { createTestClock } from '@portvakt/mock'
import { describe, expect, it } from 'vitest'
import { describeFailure, reportFailure } from '../../src/keys/health.js'
import { Stopwatch } from '../../src/platform/clock.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'

describe('the description of a failure', () => {
  it('the description of a failure has our own words, whatever failed', () => {
    expect(describeFailure(new UpstreamError('timeout'))).toEqual({
      reason: 'timeout',
      message: expect.stringMatching(/^The endpoint did not answer in time: check outbound access/),
    })
    expect(describeFailure(new Error('secret'))).toEqual({
      reason: 'unreachable',
      message: 'The endpoint could not be reached: check outbound access, DNS and whether a proxy is needed',
    })
  })

  it('the description of a failure has the platform’s code and is frozen', () => {
    const cause = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) })
    const described = describeFailure(new UpstreamError('unreachable', { cause }))
    expect(described).toMatchObject({
      reason: 'unreachable',
      code: 'ENOTFOUND',
      message: expect.stringMatching(/could not be reached \(ENOTFOUND\): the host name is not in DNS/),
    })
    const age = new Stopwatch(createTestClock())
    expect(reportFailure({ error: new UpstreamError('unreachable', { cause }), age })).toEqual({
      ...described,
      age: 0,
    })
    expect(Object.isFrozen(described)).toBe(true)
  })
})
