import type { Clock } from '@portvakt/core'
import type { RegisteredClient } from '../registry/client.js'

/** The environment of Texas: a clock, Maskinporten, and its clients. */
export interface TexasUpstream {
  readonly clock: Clock
  readonly issuer: string
  readonly jwksUri: string
  readonly tokenEndpoint: string
  fetchKeys(): Promise<Response>
  askTokenEndpoint(init: RequestInit): Promise<Response>
  /** The client with this id; without an id, the default client. */
  client(clientId: string | undefined): RegisteredClient | undefined
}
