import { temporarilyUnavailable } from './reason.js'

export const RETRY = 'Callers try again after `Retry-After`.'

const TRY_AGAIN = 'Tokens cannot be verified at the moment. Try again later; the token may well be valid.'
const SEE_FAILURE = `See \`upstreamFailure\` in the event, or \`health()\`. ${RETRY}`

/** Refusals when keys or Texas are unavailable. */
export const OUTAGE = {
  keys_unavailable: temporarilyUnavailable(TRY_AGAIN, {
    cause: 'Maskinporten’s keys are unavailable, so no token can be verified.',
    fix: SEE_FAILURE,
  }),
  introspection_unavailable: temporarilyUnavailable(TRY_AGAIN, {
    cause: 'Texas is unavailable, or it could not introspect the token.',
    fix: SEE_FAILURE,
  }),
}
