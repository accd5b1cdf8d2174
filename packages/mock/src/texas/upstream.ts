import type { Clock } from '@portvakt/core'
import type { RegisteredClient } from '../registry/client.js'

/** What Texas needs of its surroundings: a clock, Maskinporten, and the clients that it acts for. */
export interface TexasUpstream {
  readonly clock: Clock
  readonly issuer: string
  readonly jwksUri: string
  readonly tokenEndpoint: string
  fetchKeys(): Promise<Response>
  askTokenEndpoint(init: RequestInit): Promise<Response>
  /** The client that a Texas belongs to, by its id; without an id, the default client. */
  client(clientId: string | undefined): RegisteredClient | undefined
}
