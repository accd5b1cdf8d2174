import type { RegisteredClient } from '../registry/client.js'
import type { Registry } from '../registry/registry.js'
import { checkExposed, findUngranted, identityOf } from './granted-scopes.js'
import { ManifestError } from './manifest-error.js'
import {
  clientAnnotationsOf,
  type ManifestSource,
  type OwnedManifest,
  type ProvisionOptions,
  problemsOf,
  readSources,
  takeProvisionOptions,
  warningsOf,
} from './manifest-source.js'
import type { Placed } from './maskinporten-spec.js'
import { conditionsOf, dotenvOf, type ProvisionedApp, writeVariables } from './provisioned-app.js'
import {
  type AppRemoval,
  decideRemoval,
  type MaskinportenClientAnnotations,
  readAnnotations,
} from './removal.js'

interface KnownApp {
  readonly client: RegisteredClient
  readonly manifest: OwnedManifest
  /** Consumed scopes that the client does not have, because they are not granted. */
  readonly dropped: readonly string[]
}

/** Registers the clients and scopes of manifests, as NAIS's operator does. */
export class Provisioner {
  readonly #apps = new Map<string, KnownApp>()
  /** Maps each exposed scope to the app that exposes it. */
  readonly #exposedBy = new Map<string, string>()

  constructor(
    private readonly registry: Registry,
    private readonly variablesOf: (client: RegisteredClient) => Readonly<Record<string, string>>,
  ) {}

  /** Provisions all apps or none: any problem leaves the registry unchanged. */
  async provision(
    sources: readonly ManifestSource[],
    options: ProvisionOptions,
  ): Promise<readonly ProvisionedApp[]> {
    const apps = await readSources(sources, takeProvisionOptions(options))
    checkExposed(apps, this.#exposedBy)
    const dropped = findUngranted(apps, (name) => this.registry.scope(name))
    const problems = problemsOf(apps)
    if (problems.length > 0) throw new ManifestError(problems)
    for (const app of apps) this.#release(identityOf(app))
    for (const app of apps) this.#expose(app)
    return apps.flatMap((app) => this.#register(app, dropped.get(app) ?? []) ?? [])
  }

  get apps(): readonly ProvisionedApp[] {
    return [...this.#apps].map(([identity, known]) => this.#describe(identity, known))
  }

  #expose(app: OwnedManifest): void {
    for (const { value } of app.maskinporten?.exposes ?? []) {
      this.registry.addScope(value)
      this.#exposedBy.set(value.name, identityOf(app))
    }
  }

  #register(manifest: OwnedManifest, dropped: readonly string[]): ProvisionedApp | undefined {
    const identity = identityOf(manifest)
    const earlier = this.#apps.get(identity)
    if (!manifest.maskinporten) {
      // NAIS deletes the MaskinportenClient of an app that no longer has `spec.maskinporten` enabled.
      const removal = earlier && this.#remove(identity, earlier, clientAnnotationsOf(manifest))
      if (removal?.warning) process.emitWarning(`${identity}: ${removal.warning}`, 'ManifestWarning')
      return undefined
    }
    const client = earlier?.client ?? this.registry.addClient({}, manifest.organisationNumber)
    const granted = namesOf(manifest.maskinporten.consumes).filter((name) => !dropped.includes(name))
    this.registry.setScopes(client, granted)
    const known = { client, manifest, dropped }
    this.#apps.set(identity, known)
    return this.#describe(identity, known)
  }

  #describe(identity: string, { client, manifest, dropped }: KnownApp): ProvisionedApp {
    const { kind, name, namespace, organisationNumber, maskinporten } = manifest
    const variables = () => this.#variables(identity, client)
    return Object.freeze<ProvisionedApp>({
      kind,
      name,
      namespace,
      organisationNumber,
      exposes: Object.freeze((maskinporten?.exposes ?? []).map(({ value }) => value.name)),
      consumes: Object.freeze(namesOf(maskinporten?.consumes ?? [])),
      warnings: Object.freeze(warningsOf([manifest])),
      conditions: Object.freeze(conditionsOf(dropped)),
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
      remove: (annotations = {}) => {
        const given = readAnnotations(annotations)
        const known = this.#apps.get(identity)
        // If the app was deleted and then provisioned again, it has a new client, which must not be removed.
        if (known?.client === client) return this.#remove(identity, known, given)
        return { client: 'deleted', keptScopes: enabledScopesOf(manifest), warning: undefined }
      },
    })
  }

  /** As in digdirator's secret, `MASKINPORTEN_SCOPES` also contains consumed scopes that are not granted. */
  #variables(identity: string, client: RegisteredClient): Readonly<Record<string, string>> {
    const known = this.#apps.get(identity)
    const consumes = known?.client === client ? known.manifest.maskinporten?.consumes : undefined
    const variables = this.variablesOf(client)
    return consumes ? { ...variables, MASKINPORTEN_SCOPES: namesOf(consumes).join(' ') } : variables
  }

  #remove(
    identity: string,
    { client, manifest }: KnownApp,
    annotations: MaskinportenClientAnnotations,
  ): AppRemoval {
    const all = { ...clientAnnotationsOf(manifest), ...annotations }
    const removal = decideRemoval(all, enabledScopesOf(manifest))
    if (removal.client === 'kept') return removal
    this.#apps.delete(identity)
    this.registry.removeClient(client)
    this.#release(identity)
    return removal
  }

  /** Lets another app expose the scopes of this app. The scopes stay registered. */
  #release(identity: string): void {
    for (const [name, exposer] of this.#exposedBy) if (exposer === identity) this.#exposedBy.delete(name)
  }
}

const namesOf = (placed: readonly Placed<string>[]) => placed.map(({ value }) => value)

function enabledScopesOf({ maskinporten }: OwnedManifest): readonly string[] {
  const enabled = (maskinporten?.exposes ?? []).filter(({ value }) => value.enabled !== false)
  return Object.freeze(enabled.map(({ value }) => value.name))
}
