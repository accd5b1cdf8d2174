import type { AccessToken, MaskinportenClient } from '@portvakt/client'
import type { MaskinportenValidator } from '@portvakt/core'
import { createChosenClient, type Restrictions } from '../chosen-client.js'
import { type ChosenClient, TEXAS } from '../client-options.js'
import { describeTime } from '../describe-time.js'
import { cliVariables } from '../variables.js'
import { type Diagnosis, type Finding, Problem } from './diagnosis.js'
import { checkKey } from './key.js'

const part = 'consumer'

/** Runs the steps `client` and `key`. @param keyFile the key's file, if an option names the file */
export async function checkClient(
  diagnosis: Diagnosis,
  chosen: ChosenClient,
  consumerOrg: string | undefined,
  keyFile: string | undefined,
): Promise<MaskinportenClient | undefined> {
  const { clientId = cliVariables().read('MASKINPORTEN_CLIENT_ID'), key } = chosen.options
  const isTexas = chosen.by === TEXAS
  const client = await diagnosis.make({ part, step: 'client' }, async () => {
    const made = createChosenClient(chosen, consumerOrg)
    return [isTexas ? 'tokens come from Texas' : `${clientId}, by ${chosen.by}`, made]
  })
  if (isTexas) diagnosis.skip({ part, step: 'key' }, 'Texas has the key')
  else
    await diagnosis.make({ part, step: 'key', needs: ['client'] }, async () => [
      await checkKey(key, keyFile),
      undefined,
    ])
  return client
}

interface TokenChecks {
  readonly needs: readonly string[]
  readonly restrictions: Restrictions
  readonly scopes: readonly string[]
}

/**
 * Runs the steps `token` and `scope` separately for each scope, so that a failed step shows the refused scope
 * and its error code, for example MP-200 or MP-250.
 *
 * @param client undefined if the step `client` failed
 */
export async function checkTokens(
  diagnosis: Diagnosis,
  client: MaskinportenClient | undefined,
  validator: MaskinportenValidator,
  { needs, restrictions, scopes }: TokenChecks,
): Promise<void> {
  for (const scope of scopes) {
    const token = await diagnosis.make({ part, step: 'token', subject: scope, needs }, async () =>
      getToken(client, restrictions, [scope]),
    )
    // `needs` does not name the step `token`, because that step may have failed for another scope.
    if (token)
      await diagnosis.make({ part, step: 'scope', subject: scope, needs: ['keys'] }, async () => [
        await verifiedFinding(validator, token.accessToken, scope, restrictions.resource),
        undefined,
      ])
  }
}

/** @throws {MaskinportenClientError} with the hint for Maskinporten's error code */
export async function getToken(
  client: MaskinportenClient | undefined,
  restrictions: Restrictions,
  scopes: readonly string[],
): Promise<readonly [Finding, AccessToken]> {
  if (!client) throw new Problem('there is no client', 'see the step client')
  // Skip the cache: a token that Texas has cached could hide a current refusal.
  const token = await client.getToken({ ...restrictions, scope: scopes, skipCache: true })
  return [`granted; it expires ${describeTime(token.expiresAt, Date.now() / 1000)}`, token]
}

async function verifiedFinding(
  validator: MaskinportenValidator,
  token: string,
  scope: string,
  audience: string | undefined,
): Promise<Finding> {
  const explanation = await validator.explain(token, { scope, ...(audience !== undefined && { audience }) })
  const { consumer, supplier } = explanation.token ?? {}
  if (explanation.verdict === 'allowed') {
    const by = supplier ? `, with the supplier ${supplier.id}` : ''
    return `an API that requires it accepts the token of ${consumer?.id}${by}`
  }
  const { check, hint } = explanation.checks.find(({ outcome }) => outcome !== 'passed') ?? {}
  throw new Problem(`a guard refuses the token at its check \`${check}\`: ${hint?.cause}`, hint?.fix ?? '')
}
