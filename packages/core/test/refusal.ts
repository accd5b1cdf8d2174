import { expect } from 'vitest'
import { MaskinportenError, type MaskinportenReason } from '../src/errors/maskinporten-error.js'

/** The reason with which a function refuses; fails the test when it does not refuse. */
export function reasonOf(work: () => unknown): MaskinportenReason {
  try {
    work()
  } catch (error) {
    if (error instanceof MaskinportenError) return error.reason
    throw error
  }
  return expect.unreachable('nothing was refused')
}

/** The same for a promise. */
export async function reasonOfAsync(work: Promise<unknown>): Promise<MaskinportenReason> {
  const outcome = await work.then(
    () => expect.unreachable('nothing was refused'),
    (error: unknown) => error,
  )
  if (outcome instanceof MaskinportenError) return outcome.reason
  throw outcome
}
