import type { Consent } from '../claims/consent.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import { refused } from '../errors/maskinporten-error.js'
import { systemClock } from '../platform/clock.js'
import { stringList, takeList, takeOptions } from '../platform/options.js'
import type { PreparedDemand } from './demand.js'

/**
 * What a requirement demands about consent: `'required'`, any; or one that covers every resource named, by its
 * id in Altinn. Only consents in force count: see {@link consentsInForce}.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke
 */
export type ConsentRule = 'required' | { readonly resources: readonly string[] }

export interface ConsentDemand {
  /** The token must hold a consent that was given to the consumer and has not ended. */
  readonly consent?: ConsentRule
}

/** A valid token does not make the consent in it valid: `validTo` is checked on every request. */
export const consent = {
  name: 'consent',
  prepare({ consent: rule }: ConsentDemand): PreparedDemand | undefined {
    if (rule === undefined) return undefined
    // One consent must cover all of these. Empty: a consent counts whatever it covers.
    const resources = rule === 'required' ? [] : prepareResources(rule)
    return {
      check({ token }, { now }) {
        if (consentsInForce(token, resources, now).length > 0) return
        const hasEnded = consentsToConsumer(token, resources).length > 0
        throw refused(hasEnded ? 'consent_expired' : 'consent_required')
      },
      expected: () =>
        ['a consent to the consumer that has not ended', resources.join(' and ')]
          .filter((part) => part !== '')
          .join(', for '),
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
  return stringList(resources, isResourceId, form, 'consent.resources')
}

function isResourceId(value: unknown): value is string {
  return typeof value === 'string' && /^\S+$/.test(value)
}

/**
 * The consents of a token that count now: given to the organisation that the token is issued to, not ended,
 * and covering the resources. Use it instead of `token.consents` when it matters whose data a call may be about.
 *
 * No clock tolerance extends a consent: whoever gave it has set its end.
 *
 * @param resources ids in Altinn, all of which one consent must cover: of two consents, each may be of another
 * giver. Default: whatever it covers
 * @param now seconds since the epoch; default the present
 * @throws {TypeError} when `resources` is not a list of ids
 * @example
 * const [consent] = consentsInForce(verified, ['ttd-loan-application'])
 * if (consent) console.log(consent.validTo)
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke `to` and `validTo` are the API's to check
 */
export function consentsInForce(
  token: VerifiedToken,
  resources: readonly string[] = [],
  now: number = systemClock.now() / 1000,
): readonly Consent[] {
  return consentsToConsumer(token, takeList(resources, 'resources')).filter(
    (consent) => now < consent.validTo,
  )
}

/** The same whether or not they have ended. */
export function consentsToConsumer(
  { consents, consumer }: VerifiedToken,
  resources: readonly string[],
): readonly Consent[] {
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
