import { createMaskinportenClient, type MaskinportenClient } from '@portvakt/client'
import type { MockClient, TestClock } from '@portvakt/mock'

/**
 * A consumer configured by options, because several consumers in one process cannot share NAIS's variables.
 */
export function createConsumer({ env }: MockClient, clock: TestClock): MaskinportenClient {
  return createMaskinportenClient({
    issuer: env['MASKINPORTEN_ISSUER'] ?? '',
    tokenEndpoint: env['MASKINPORTEN_TOKEN_ENDPOINT'] ?? '',
    clientId: env['MASKINPORTEN_CLIENT_ID'] ?? '',
    key: { jwk: env['MASKINPORTEN_CLIENT_JWK'] ?? '' },
    clock,
  })
}
