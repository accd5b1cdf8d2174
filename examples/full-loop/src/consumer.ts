import { createMaskinportenClient, type MaskinportenClient } from '@portvakt/client'
import type { MockClient, TestClock } from '@portvakt/mock'

/** A consumer with options instead of the variables of NAIS: several in one process cannot share them. */
export function createConsumer({ env }: MockClient, clock: TestClock): MaskinportenClient {
  return createMaskinportenClient({
    issuer: env['MASKINPORTEN_ISSUER'] ?? '',
    tokenEndpoint: env['MASKINPORTEN_TOKEN_ENDPOINT'] ?? '',
    clientId: env['MASKINPORTEN_CLIENT_ID'] ?? '',
    key: { jwk: env['MASKINPORTEN_CLIENT_JWK'] ?? '' },
    clock,
  })
}
