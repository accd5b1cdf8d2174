import type { Clock } from '@portvakt/core'
import type { RegisteredClient } from '../registry/client.js'

/** The dependencies of Texas: a clock, Maskinporten, and the clients registered there. */
export interface TexasUpstream {
  readonly clock: Clock
  readonly issuer: string
  readonly jwksUri: string
  readonly tokenEndpoint: string
  /** Adds the outcome of an introspection to the mock's request log. */
  noteIntrospection(request: Request, isActive: boolean): void
  fetchKeys(): Promise<Response>
  askTokenEndpoint(init: RequestInit): Promise<Response>
  /** Returns the client with this id, or the default client if the id is undefined. */
  client(clientId: string | undefined): RegisteredClient | undefined
}
