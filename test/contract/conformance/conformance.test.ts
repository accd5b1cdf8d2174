import type { MaskinportenReason } from '@portvakt/core'
import { REASONS } from '@portvakt/core/internal'
import { expect, it } from 'vitest'
import { caseIn } from './case.js'
import { CASES } from './cases.js'
import { describeConformance } from './conformance-suite.js'
import { MODES } from './modes.js'

/**
 * The refusal reasons that no route of the conformance suite can produce, each with the place of its test.
 */
const NOT_HERE = {
  no_guard: 'the Fastify and NestJS packages’ own tests, on a route without a requirement',
} as const satisfies Partial<Record<MaskinportenReason, string>>

it('the conformance suite has a case for every refusal reason except `no_guard`', () => {
  const reasons = MODES.flatMap((mode) => CASES.map((one): string | undefined => caseIn(mode, one).refused))
  const missing = Object.keys(REASONS).filter((reason) => !reasons.includes(reason))
  expect(missing).toEqual(Object.keys(NOT_HERE))
})

describeConformance('keys')
