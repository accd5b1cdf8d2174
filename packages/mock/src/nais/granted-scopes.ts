import type { MockScope } from '../registry/scope.js'
import type { OwnedManifest } from './manifest-source.js'

export function identityOf({ organisationNumber, namespace, name }: OwnedManifest): string {
  return `${organisationNumber}:${namespace}:${name}`
}

/**
 * Reports duplicate apps, and scopes that more than one app exposes.
 *
 * @param exposedBy by scope, the app that already exposes the scope
 */
export function checkExposed(apps: readonly OwnedManifest[], exposedBy: ReadonlyMap<string, string>): void {
  const seen = new Set<string>()
  // An app can take over a scope that another of these apps exposed before.
  const given = new Set(apps.map(identityOf))
  const exposers = new Map([...exposedBy].filter(([, app]) => !given.has(app)))
  for (const app of apps) {
    const identity = identityOf(app)
    if (seen.has(identity)) app.document.report(['metadata', 'name'], 'names an app that exists already')
    seen.add(identity)
    for (const { value, path } of app.maskinporten?.exposes ?? []) {
      const other = exposers.get(value.name) ?? identity
      if (other !== identity) app.document.report(path, `exposes ${value.name}, which ${other} exposes`)
      exposers.set(value.name, identity)
    }
  }
}

/**
 * Finds consumed scopes that are not granted. Reports them or, for an app with `ungranted: 'drop'`, returns
 * them. If an app with `'drop'` consumes scopes, at least one of them must be granted, because Digdir does
 * not register a client without scopes.
 *
 * @param registered looks up a scope that is already registered
 */
export function findUngranted(
  apps: readonly OwnedManifest[],
  registered: (name: string) => MockScope | undefined,
): ReadonlyMap<OwnedManifest, readonly string[]> {
  const exposes = apps.flatMap(({ maskinporten }) => maskinporten?.exposes ?? [])
  const exposed = new Map(exposes.map(({ value }) => [value.name, value]))
  const dropped = new Map<OwnedManifest, readonly string[]>()
  for (const app of apps) {
    const consumes = app.maskinporten?.consumes ?? []
    const refused = consumes.flatMap(({ value: name, path }) => {
      const refusal = refusalOf(name, exposed.get(name) ?? registered(name), app.organisationNumber)
      return refusal === undefined ? [] : [{ name, path, refusal }]
    })
    if (app.ungranted === 'drop' && refused.length < consumes.length) {
      const names = refused.map(({ name }) => name)
      dropped.set(app, names)
      continue
    }
    const suffix = app.ungranted === 'drop' ? '; the client needs at least one scope that is granted' : ''
    for (const { name, path, refusal } of refused)
      app.document.report(path, `is ${name}, which ${refusal}${suffix}`)
  }
  return dropped
}

function refusalOf(name: string, scope: MockScope | undefined, organisation: string): string | undefined {
  if (!scope)
    return (
      'no provider exposes here: provision the provider’s manifest in the same call, or register the scope with ' +
      `addScope (on the command line \`--expose ${name}\`)`
    )
  if (scope.enabled === false) return 'its provider has not enabled'
  const { allowedIntegrations = ['maskinporten'], consumers = 'all' } = scope
  if (allowedIntegrations.length > 0 && !allowedIntegrations.includes('maskinporten'))
    return `is only for clients of type ${allowedIntegrations.join(', ')}`
  if (consumers === 'all' || consumers.includes(organisation)) return undefined
  return (
    `its provider has not granted to ${organisation}, the owner of this app: add { orgno: "${organisation}" } to the ` +
    'scope’s consumers, or name another owner with `organisationNumber` (on the command line `--organisation`)'
  )
}
