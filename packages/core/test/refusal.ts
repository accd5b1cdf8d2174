import { expect } from 'vitest'
import { MaskinportenError } from '../src/errors/maskinporten-error.js'
import type { MaskinportenReason } from '../src/errors/reasons/reasons.js'

function asRefusal(error: unknown): MaskinportenError {
  if (error instanceof MaskinportenError) return error
  throw error
}

/** The reason with which a function refuses; fails the test when it does not refuse. */
export function reasonOf(work: () => unknown): MaskinportenReason {
  try {
    work()
  } catch (error) {
    return asRefusal(error).reason
  }
  return expect.unreachable('nothing was refused')
}

/** The refusal of a promise, or undefined. */
export async function refusalOf(work: Promise<unknown>): Promise<MaskinportenError | undefined> {
  return work.then(() => undefined, asRefusal)
}

/** The reason with which a promise is refused; fails the test when it is not refused. */
export async function reasonOfAsync(work: Promise<unknown>): Promise<MaskinportenReason> {
  return (await refusalOf(work))?.reason ?? expect.unreachable('nothing was refused')
}
