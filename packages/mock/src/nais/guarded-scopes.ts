import type { AccessRequirement, PreparedRequirement } from '@portvakt/core'
import { prepareRequirement, takeList } from '@portvakt/core/adapter'
import type { OwnedManifest } from './manifest-source.js'
import type { YamlDocument, YamlPath } from './yaml-document.js'

/** What a guard requires, for any framework's request. */
export type GuardRequirement = AccessRequirement<never> | PreparedRequirement<never>

/** Scopes that are on one side only because another app has the other side. */
export interface OtherSide {
  readonly exposedElsewhere: ReadonlySet<string>
  readonly guardedElsewhere: ReadonlySet<string>
}

/**
 * Every scope that guards name.
 *
 * @throws {TypeError} for an invalid requirement, and for one whose scopes depend on the request
 */
export function guardedScopes(guards: readonly GuardRequirement[]): ReadonlySet<string> {
  const requirements = takeList(guards, 'guards')
  if (requirements.length === 0) throw new TypeError('`guards` must be a list of requirements, one at least')
  return new Set(requirements.flatMap(namesIn))
}

function namesIn(guard: GuardRequirement): readonly string[] {
  // A name without its prefix is accepted here: the comparison with the manifest tells which scope it could be.
  if (typeof guard === 'string' && /^[^:\s]+$/.test(guard)) return [guard]
  const { rule } = prepareRequirement(guard)
  if (rule) return rule.scope.names
  throw new TypeError(
    'A requirement in `guards` is a function of the request, which names no scope here: pass the scopes that it may return',
  )
}

interface Exposed {
  readonly name: string
  readonly isEnabled: boolean
  readonly document: YamlDocument
  readonly path: YamlPath
}

/** Reports every scope that is only guarded or only exposed. */
export function compareScopes(
  guarded: ReadonlySet<string>,
  apps: readonly OwnedManifest[],
  { exposedElsewhere, guardedElsewhere }: OtherSide,
): void {
  const exposed = apps.flatMap(({ document, maskinporten }) =>
    (maskinporten?.exposes ?? []).map(({ value: { name, enabled }, path }) => {
      return { name, isEnabled: enabled !== false, document, path }
    }),
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
  for (const { name, isEnabled, document, path } of exposed.filter((one) => !matched.has(one))) {
    // A disabled scope needs no guard.
    if (!isEnabled || guardedElsewhere.has(name)) continue
    document.report(path, `exposes ${name}, which no guard asks for: whoever has it is let in nowhere`)
  }
}

function reportDisabled({ name, isEnabled, document, path }: Exposed): void {
  if (isEnabled) return
  document.report([...path, 'enabled'], `is false, and a guard asks for ${name}: nobody gets a token with it`)
}

function reportOtherName({ name, document, path }: Exposed, scope: string): void {
  const message = `is exposed as ${name}, and a guard asks for "${scope}": guards take the full name, as NAIS makes it of prefix, product and name`
  document.report([...path, 'name'], message)
}

function reportMissing(apps: readonly OwnedManifest[], scope: string): void {
  for (const { document, maskinporten } of apps) {
    const consumed = maskinporten?.consumes.find(({ value }) => value === scope)
    if (!consumed) continue
    const message = `is ${scope}, for which a guard asks: what others call this app with belongs under \`exposes\``
    document.report(consumed.path, message)
    return
  }
  const app = apps.find(({ maskinporten }) => maskinporten) ?? apps[0]
  const place = app?.maskinporten ? [...MASKINPORTEN, 'scopes', 'exposes'] : [...MASKINPORTEN, 'enabled']
  const what = app?.maskinporten ? 'lacks a scope' : 'is not true, so nothing is exposed'
  app?.document.report(place, `${what}: a guard asks for "${scope}"`)
}

const MASKINPORTEN = ['spec', 'maskinporten'] as const

/**
 * Whether `scope` has the words of the exposed name, with or without its prefix and product, or with another
 * separator.
 */
function namesTheSame(scope: string, exposed: string): boolean {
  const [prefix, product, ...name] = wordsOf(exposed)
  const words = wordsOf(scope)
  const before = words.slice(0, -name.length)
  const isSameName = words.slice(-name.length).join() === name.join()
  return (
    isSameName && [[], [prefix], [product], [prefix, product]].some((those) => those.join() === before.join())
  )
}

const wordsOf = (scope: string): readonly string[] => scope.split(/[:/.]/)
