import { type Authorization, MaskinportenError, type MaskinportenReason } from '@portvakt/core'
import { READ } from '../conformance/api.js'
import type { Prepared } from './stage.js'

export type Verdict = MaskinportenReason | 'allowed'

/** Decides an Authorization value, of any type. */
export async function reasonFor(
  authorization: unknown,
  { validator }: Pick<Prepared, 'validator'>,
): Promise<Verdict> {
  const decision = await validator.decide(authorization as Authorization, READ)
  return decision.allowed ? 'allowed' : decision.denial.reason
}

/** Verifies a token. Throws any error other than a MaskinportenError. */
export async function verdictOn(token: string, { validator }: Pick<Prepared, 'validator'>): Promise<Verdict> {
  try {
    await validator.verify(token, READ)
    return 'allowed'
  } catch (error) {
    if (error instanceof MaskinportenError) return error.reason
    throw error
  }
}
