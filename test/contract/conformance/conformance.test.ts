import { REASONS } from '@portvakt/core/internal'
import { expect, it } from 'vitest'
import { caseIn } from './case.js'
import { CASES } from './cases.js'
import { describeConformance } from './conformance-suite.js'
import { MODES } from './modes.js'

// The Fastify and NestJS packages' own tests cover `no_guard`, on a route without a requirement.
it('the conformance suite has a case for every refusal reason except `no_guard`', () => {
  const reasons = MODES.flatMap((mode) => CASES.map((one): string | undefined => caseIn(mode, one).refused))
  expect(Object.keys(REASONS).filter((reason) => !reasons.includes(reason))).toEqual(['no_guard'])
})

describeConformance('keys')
