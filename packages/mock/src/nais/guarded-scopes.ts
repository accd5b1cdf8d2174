import type { AccessRequirement, PreparedRequirement } from '@portvakt/core'
import { prepareRequirement, takeList } from '@portvakt/core/adapter'
import type { MockScope } from '../registry/scope.js'
import type { OwnedManifest } from './manifest-source.js'
import type { YamlDocument, YamlPath } from './yaml-document.js'

/** The requirement of a guard, for the request type of any framework. */
export type GuardRequirement = AccessRequirement<never> | PreparedRequirement<never>

/** The scopes that other apps expose or guard. */
export interface OtherSide {
  readonly exposedElsewhere: ReadonlySet<string>
  readonly guardedElsewhere: ReadonlySet<string>
}

/** @throws {TypeError} for an invalid requirement, and for a requirement whose scopes depend on the request */
export function guardedScopes(guards: readonly GuardRequirement[]): ReadonlySet<string> {
  const requirements = takeList(guards, 'guards')
  if (requirements.length === 0) throw new TypeError('`guards` must be a list of at least one requirement')
  return new Set(requirements.flatMap(namesIn))
}

function namesIn(guard: GuardRequirement): readonly string[] {
  // Accept a scope's name without its prefix, so that the comparison with the manifest can suggest the full
  // name.
  if (typeof guard === 'string' && /^[^:\s]+$/.test(guard)) return [guard]
  const { rule } = prepareRequirement(guard)
  if (rule) return rule.scope.names
  throw new TypeError(
    'A requirement in `guards` is a function of the request, whose scopes are unknown here: pass the scopes that it can return',
  )
}

interface Exposed extends MockScope {
  readonly document: YamlDocument
  readonly path: YamlPath
}

/** Reports every scope that is guarded but not exposed, or exposed but not guarded. */
export function compareScopes(
  guarded: ReadonlySet<string>,
  apps: readonly OwnedManifest[],
  { exposedElsewhere, guardedElsewhere }: OtherSide,
): void {
  const exposed = apps.flatMap(({ document, maskinporten }) =>
    (maskinporten?.exposes ?? []).map(({ value, path }) => ({ ...value, document, path })),
  )
  const matched = new Set<Exposed>()
  for (const scope of guarded) {
    const same = exposed.find(({ name }) => name === scope)
    const alike = same ?? exposed.find(({ name }) => namesTheSame(scope, name))
    if (alike) matched.add(alike)
    if (same) reportDisabled(same)
    else if (alike) reportOtherName(alike, scope)
    else if (!exposedElsewhere.has(scope)) reportMissing(apps, scope)
  }
  for (const { name, enabled, document, path } of exposed.filter((one) => !matched.has(one))) {
    // A disabled scope does not need a guard.
    if (enabled === false || guardedElsewhere.has(name)) continue
    document.report(path, `exposes ${name}, which no guard requires: a token with it gives no access`)
  }
}

function reportDisabled({ name, enabled, document, path }: Exposed): void {
  if (enabled !== false) return
  document.report(
    [...path, 'enabled'],
    `is false, but a guard requires ${name}: no client gets a token with it`,
  )
}

function reportOtherName({ name, document, path }: Exposed, scope: string): void {
  const message = `is exposed as ${name}, but a guard requires "${scope}": write the full name, which NAIS makes from prefix, product and name`
  document.report([...path, 'name'], message)
}

function reportMissing(apps: readonly OwnedManifest[], scope: string): void {
  for (const { document, maskinporten } of apps) {
    const consumed = maskinporten?.consumes.find(({ value }) => value === scope)
    if (!consumed) continue
    const message = `is ${scope}, which a guard requires: scopes for calls to this app belong under \`exposes\``
    document.report(consumed.path, message)
    return
  }
  const app = apps.find(({ maskinporten }) => maskinporten) ?? apps[0]
  const place = app?.maskinporten ? [...MASKINPORTEN, 'scopes', 'exposes'] : [...MASKINPORTEN, 'enabled']
  const what = app?.maskinporten ? 'lacks a scope' : 'is not true, so nothing is exposed'
  app?.document.report(place, `${what}: a guard requires "${scope}"`)
}

const MASKINPORTEN = ['spec', 'maskinporten'] as const

/**
 * Whether the names of two scopes are equal except for their separators, and for a missing prefix or product.
 */
function namesTheSame(scope: string, exposed: string): boolean {
  const [prefix, product, ...name] = wordsOf(exposed)
  const words = wordsOf(scope)
  const before = words.slice(0, -name.length)
  if (words.slice(-name.length).join() !== name.join()) return false
  return [[], [prefix], [product], [prefix, product]].some((those) => those.join() === before.join())
}

const wordsOf = (scope: string): readonly string[] => scope.split(/[:/.]/)
