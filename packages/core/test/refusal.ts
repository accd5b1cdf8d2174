import { expect } from 'vitest'
import { MaskinportenError } from '../src/errors/maskinporten-error.js'
import type { MaskinportenReason } from '../src/errors/reasons/reasons.js'

function asRefusal(error: unknown): MaskinportenError {
  if (error instanceof MaskinportenError) return error
  throw error
}

/** Returns the reason with which a function refuses; fails the test if the function does not refuse. */
export function reasonOf(work: () => unknown): MaskinportenReason {
  try {
    work()
  } catch (error) {
    return asRefusal(error).reason
  }
  return expect.unreachable('nothing was refused')
}

/** Returns the refusal with which a promise rejects, or undefined if it resolves. */
export async function refusalOf(work: Promise<unknown>): Promise<MaskinportenError | undefined> {
  return work.then(() => undefined, asRefusal)
}

/** Returns the reason with which a promise is refused; fails the test if the promise is not refused. */
export async function reasonOfAsync(work: Promise<unknown>): Promise<MaskinportenReason> {
  return (await refusalOf(work))?.reason ?? expect.unreachable('nothing was refused')
}
