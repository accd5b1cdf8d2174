import type { MaskinportenClient } from '@portvakt/client'
import type { SystemUser } from '@portvakt/express'
import { isPermitted, PdpUnavailable } from './pdp-answer.js'

/** The configuration of requests to Altinn's PDP. */
export interface PdpOptions {
  /** The client of this API. It needs the scope `altinn:authorization/authorize`, which Altinn grants. */
  readonly client: MaskinportenClient
  /**
   * The address of Altinn's platform: https://platform.altinn.no, or https://platform.tt02.altinn.no for
   * tests.
   */
  readonly platform: string
  /** The subscription key for Altinn's product Access Management, issued by Altinn's service desk. */
  readonly subscriptionKey: string
  /** The id of the resource in Altinn's Resource Registry. */
  readonly resource: string
  /** Maximum milliseconds to get both a token and the PDP's answer. Default 3000. */
  readonly timeout?: number
}

/** A question for the PDP. */
export interface Question {
  /** The system users of a verified token. */
  readonly systemUsers: readonly SystemUser[]
  /** An action in the policy of the resource, such as `read`. */
  readonly action: string
  /** The organisation that the request is about: nine digits. */
  readonly organisationNumber: string
}

/** Altinn's authorisation API (PDP, policy decision point). */
export interface Pdp {
  /** Whether the system user has the right. Rejects with {@link PdpUnavailable} unless the PDP decides. */
  permits(question: Question): Promise<boolean>
}

/** @throws {TypeError} for a malformed resource or a missing subscription key */
export function createPdp(options: PdpOptions): Pdp {
  const { client, platform, subscriptionKey, resource, timeout = 3000 } = options
  if (!/^[a-z0-9_-]{4,}$/.test(resource))
    throw new TypeError('`resource` must be an id of the Resource Registry')
  if (!subscriptionKey) throw new TypeError('`subscriptionKey` is missing')
  const address = new URL('/authorization/api/v1/authorize', platform).href
  const ask = client.fetch({ scope: 'altinn:authorization/authorize', altinn: true })
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'ocp-apim-subscription-key': subscriptionKey,
  }

  return {
    async permits({ systemUsers, action, organisationNumber }) {
      const [systemUser, ...others] = systemUsers
      const id = systemUser?.ids[0]
      // The PDP decides about exactly one subject. It answers Indeterminate to an organisation number with a
      // prefix.
      if (id === undefined || others.length > 0 || !/^[0-9]{9}$/.test(organisationNumber)) return false
      const body = JSON.stringify(questionOf(id, action, resource, organisationNumber))
      const signal = AbortSignal.timeout(timeout)
      try {
        const response = await ask(address, { method: 'POST', headers, body, signal, redirect: 'manual' })
        if (response.status === 200) return isPermitted(await response.json())
        await response.body?.cancel()
        throw new PdpUnavailable(REFUSALS[response.status] ?? `the PDP answered ${response.status}`)
      } catch (error) {
        if (error instanceof PdpUnavailable) throw error
        // The cause is a missing token, an abort at the timeout, a network failure, or an answer that is not
        // JSON.
        throw new PdpUnavailable('the PDP could not be asked', error)
      }
    },
  }
}

const REFUSALS: Readonly<Record<number, string>> = {
  401: 'the PDP did not accept the subscription key, or the token',
  403: 'the token does not have the scope altinn:authorization/authorize',
}

/**
 * Returns the question in the JSON profile of XACML 3.0, as Altinn reads it. The system user must be the only
 * subject.
 */
function questionOf(systemUser: string, action: string, resource: string, organisationNumber: string) {
  const entry = (...attributes: readonly (readonly [id: string, value: string])[]) => [
    { Attribute: attributes.map(([AttributeId, Value]) => ({ AttributeId, Value })) },
  ]
  return {
    Request: {
      ReturnPolicyIdList: false,
      AccessSubject: entry(['urn:altinn:systemuser:uuid', systemUser]),
      Action: entry(['urn:oasis:names:tc:xacml:1.0:action:action-id', action]),
      Resource: entry(
        ['urn:altinn:resource', resource],
        ['urn:altinn:organization:identifier-no', organisationNumber],
      ),
    },
  }
}
