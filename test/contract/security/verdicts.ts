import { type Authorization, MaskinportenError, type MaskinportenReason } from '@portvakt/core'
import { expect } from 'vitest'
import { READ } from '../conformance/api.js'
import type { Prepared } from './stage.js'

export type Verdict = MaskinportenReason | 'allowed'

/** Returns the reason for refusing an Authorization value of any type, or `allowed`. */
export async function reasonFor(
  authorization: unknown,
  { validator }: Pick<Prepared, 'validator'>,
): Promise<Verdict> {
  const decision = await validator.decide(authorization as Authorization, READ)
  return decision.allowed ? 'allowed' : decision.denial.reason
}

/** Returns the verdict on a token. Rethrows errors that are not a MaskinportenError. */
export async function verdictOn(token: string, { validator }: Pick<Prepared, 'validator'>): Promise<Verdict> {
  try {
    await validator.verify(token, READ)
    return 'allowed'
  } catch (error) {
    if (error instanceof MaskinportenError) return error.reason
    throw error
  }
}

/** Returns whether a validator accepts a token. */
export const isVerified = async (token: string, prepared: Pick<Prepared, 'validator'>) =>
  (await verdictOn(token, prepared)) === 'allowed'

/** Returns the error that a function throws or rejects with. */
export async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  return expect.unreachable('the call did not fail')
}
