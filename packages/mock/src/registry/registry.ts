import { type Clock, systemClock } from '@portvakt/core'
import type { Altinn } from '../altinn/altinn.js'
import { type MockClientRegistration, type RegisteredClient, readRegistration } from './client.js'
import { type MockScope, type RegisteredScope, readScope } from './scope.js'

/** The scopes and clients that are registered at Digdir. */
export class Registry {
  readonly #scopes = new Map<string, RegisteredScope>()
  readonly #clients = new Map<string, RegisteredClient>()
  readonly #scopesOf = new Map<string, readonly string[] | 'every'>()

  constructor(
    private readonly altinn: Altinn,
    private readonly clock: Clock = systemClock,
  ) {}

  /** Adds a scope, or replaces the scope of the same name. @throws {TypeError} naming the wrong option */
  addScope(scope: MockScope): void {
    const registered = readScope(scope)
    this.#scopes.set(registered.name, registered)
  }

  /**
   * @param owner the organisation that owns the client by default
   * @param every whether every scope is registered on the client, including scopes that are added later
   * @throws {TypeError} naming the wrong option
   */
  addClient(registration: MockClientRegistration, owner: string, every = false): RegisteredClient {
    const { client, scopes, delegations } = readRegistration(registration, owner, this.clock.now())
    const { clientId, organisationNumber } = client
    if (this.#clients.has(clientId)) throw new TypeError(`There is a client ${clientId} already`)
    this.altinn.addDelegations(delegations, organisationNumber)
    this.#clients.set(clientId, client)
    this.#scopesOf.set(clientId, every ? 'every' : scopes)
    return client
  }

  setScopes(client: RegisteredClient, scopes: readonly string[]): void {
    this.#scopesOf.set(client.clientId, scopes)
  }

  removeClient(client: RegisteredClient): void {
    this.#clients.delete(client.clientId)
    this.#scopesOf.delete(client.clientId)
  }

  scope(name: string): RegisteredScope | undefined {
    return this.#scopes.get(name)
  }

  client(clientId: unknown): RegisteredClient | undefined {
    return typeof clientId === 'string' ? this.#clients.get(clientId) : undefined
  }

  scopesOf(client: RegisteredClient): readonly string[] {
    const scopes = this.#scopesOf.get(client.clientId) ?? []
    return scopes === 'every' ? [...this.#scopes.keys()] : scopes
  }
}
