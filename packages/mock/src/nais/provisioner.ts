import type { RegisteredClient } from '../mock-client.js'
import type { Registry } from '../registry.js'
import { checkConsumed, checkExposed, identityOf } from './check-manifests.js'
import type { Placed } from './manifest.js'
import { ManifestError } from './manifest-error.js'
import {
  type NaisManifest,
  type OwnedManifest,
  type ProvisionOptions,
  readSource,
  takeProvisionOptions,
} from './manifest-source.js'
import { dotenvOf, type ProvisionedApp, writeVariables } from './provisioned-app.js'

/** The client of an app, which outlives its manifest. */
interface KnownApp {
  readonly client: RegisteredClient
  readonly manifest: OwnedManifest
}

/** Does what NAIS's operator does: registers clients and scopes as manifests ask for them. */
export class Provisioner {
  readonly #registry: Registry
  readonly #variablesOf: (client: RegisteredClient) => Readonly<Record<string, string>>
  readonly #apps = new Map<string, KnownApp>()
  /** Which app exposes a scope. */
  readonly #exposedBy = new Map<string, string>()

  constructor(
    registry: Registry,
    variablesOf: (client: RegisteredClient) => Readonly<Record<string, string>>,
  ) {
    this.#registry = registry
    this.#variablesOf = variablesOf
  }

  /** All or nothing: what is wrong anywhere leaves everything as it was. */
  async provision(
    sources: readonly (string | URL | NaisManifest)[],
    options: ProvisionOptions,
  ): Promise<readonly ProvisionedApp[]> {
    const defaults = takeProvisionOptions(options)
    const read = await Promise.allSettled(sources.map((source) => readSource(source, defaults)))
    const apps = valuesOf(read).flat()
    checkExposed(apps, this.#exposedBy)
    checkConsumed(apps, (name) => this.#registry.scope(name))
    const problems = apps.flatMap(({ document }) => document.problems)
    if (problems.length > 0) throw new ManifestError([...new Set(problems)])
    for (const app of apps) this.#expose(app)
    return apps.flatMap((app) => this.#register(app) ?? [])
  }

  /** Every app that has a client. */
  get apps(): readonly ProvisionedApp[] {
    return [...this.#apps].map(([identity, { client, manifest }]) =>
      this.#describe(identity, client, manifest),
    )
  }

  #expose(app: OwnedManifest): void {
    for (const { value } of app.maskinporten?.exposes ?? []) {
      this.#registry.addScope(value)
      this.#exposedBy.set(value.name, identityOf(app))
    }
  }

  #register(manifest: OwnedManifest): ProvisionedApp | undefined {
    const identity = identityOf(manifest)
    const known = this.#apps.get(identity)
    if (!manifest.maskinporten) {
      if (known) this.#remove(identity, { ...known, manifest })
      return undefined
    }
    const { organisationNumber } = manifest
    const client = known?.client ?? this.#registry.addClient({}, organisationNumber)
    this.#registry.setScopes(client, namesOf(manifest.maskinporten.consumes))
    this.#apps.set(identity, { client, manifest })
    return this.#describe(identity, client, manifest)
  }

  #describe(identity: string, client: RegisteredClient, manifest: OwnedManifest): ProvisionedApp {
    const { kind, name, namespace, organisationNumber, maskinporten } = manifest
    const variables = () => this.#variablesOf(client)
    return {
      kind,
      name,
      namespace,
      organisationNumber,
      exposes: Object.freeze((maskinporten?.exposes ?? []).map(({ value }) => value.name)),
      consumes: Object.freeze(namesOf(maskinporten?.consumes ?? [])),
      clientId: client.clientId,
      get jwk() {
        return client.keys?.privateJwk
      },
      get env() {
        return variables()
      },
      get dotenv() {
        return dotenvOf(variables())
      },
      writeFiles: (directory) => writeVariables(directory, variables()),
      remove: () => {
        const known = this.#apps.get(identity)
        // An app that was deleted and came back is another one.
        if (known?.client === client) this.#remove(identity, known)
      },
    }
  }

  #remove(identity: string, { client, manifest }: KnownApp): void {
    if (!manifest.isDeletedForGood) return
    this.#apps.delete(identity)
    this.#registry.removeClient(client)
    for (const [name, exposer] of this.#exposedBy) {
      if (exposer !== identity) continue
      this.#exposedBy.delete(name)
      this.#registry.addScope({ name, enabled: false, consumers: [] })
    }
  }
}

const namesOf = (placed: readonly Placed<string>[]) => placed.map(({ value }) => value)

function valuesOf<T>(settled: readonly PromiseSettledResult<T>[]): readonly T[] {
  const reasons = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  const other: unknown = reasons.find((reason) => !(reason instanceof ManifestError))
  if (other !== undefined) throw other
  if (reasons.length > 0) throw new ManifestError(reasons.flatMap(({ problems }: ManifestError) => problems))
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}
