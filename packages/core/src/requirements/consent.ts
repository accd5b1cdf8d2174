import type { Consent } from '../claims/consent.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import { refused } from '../errors/maskinporten-error.js'
import { systemClock } from '../platform/clock.js'
import { stringList, takeList, takeOptions } from '../platform/options.js'
import type { PreparedDemand } from './prepared-demand.js'

/**
 * The consent that a requirement demands. `'required'` accepts any consent. `resources` lists resource ids in
 * Altinn, all of which one consent must cover. Only consents in force count: see {@link consentsInForce}.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke
 */
export type ConsentRule = 'required' | { readonly resources: readonly string[] }

export interface ConsentDemand {
  /** The token must hold a consent that was given to the consumer and has not ended. */
  readonly consent?: ConsentRule
}

/** A consent can end before the token expires, so `validTo` is checked on every request. */
export const consent = {
  name: 'consent',
  prepare({ consent: rule }: ConsentDemand): PreparedDemand | undefined {
    if (rule === undefined) return undefined
    const resources = rule === 'required' ? [] : prepareResources(rule)
    return {
      check({ token }, { now }): undefined {
        if (consentsInForce(token, resources, now).length > 0) return
        const hasEnded = consentsToConsumer(token, resources).length > 0
        throw refused(hasEnded ? 'consent_expired' : 'consent_required')
      },
      expected() {
        const named = resources.length > 0 ? `, for ${resources.join(' and ')}` : ''
        return `a consent to the consumer that has not ended${named}`
      },
    }
  },
} as const

function prepareResources(rule: Exclude<ConsentRule, string>): readonly string[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    throw new TypeError("`consent` must be 'required' or { resources: [...] }")
  }
  const { resources } = takeOptions(rule, ['resources'], '`consent`')
  const form = 'an array of resource ids'
  if (!Array.isArray(resources)) throw new TypeError(`\`consent.resources\` must be ${form}`)
  const isResourceId = (value: unknown): value is string => typeof value === 'string' && /^\S+$/.test(value)
  return stringList(resources, isResourceId, form, 'consent.resources')
}

/**
 * Returns a token's consents that are in force: given to the token's consumer, not ended, and covering
 * `resources`. Use this function instead of `token.consents` to find out whose data the caller can get.
 * `clockTolerance` does not extend a consent, because the giver of the consent chose when it ends.
 *
 * @param resources resource ids in Altinn. One consent must cover all of them, because two consents can have
 * different givers. Default: any resource
 * @param now seconds since the epoch. Default: the current time
 * @throws {TypeError} when `resources` is not a list of ids
 * @example
 * const [consent] = consentsInForce(verified, ['ttd-loan-application'])
 * if (consent) console.log(consent.validTo)
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke requires the API to check `to` and
 *   `validTo` of a consent
 */
export function consentsInForce(
  token: VerifiedToken,
  resources: readonly string[] = [],
  now: number = systemClock.now() / 1000,
): readonly Consent[] {
  return consentsToConsumer(token, takeList(resources, 'resources')).filter(({ validTo }) => now < validTo)
}

/**
 * Returns the consents that were given to the token's consumer and cover the resources. Consents that have
 * ended are included.
 */
function consentsToConsumer({ consents, consumer }: VerifiedToken, resources: readonly string[]) {
  return consents.filter(
    (consent) =>
      consent.to.authority === consumer.authority &&
      consent.to.id === consumer.id &&
      resources.every((resource) => covers(consent, resource)),
  )
}

function covers({ rights }: Consent, resource: string): boolean {
  return rights.some(({ resources }) =>
    resources.some(({ type, value }) => type === 'urn:altinn:resource' && value === resource),
  )
}
