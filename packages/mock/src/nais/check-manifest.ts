import { takeList, takeOptions } from '@portvakt/core/internal'
import type { GuardRequirement } from './guarded-scopes.js'
import { describeProblem, ManifestError, type ManifestProblem } from './manifest-error.js'
import type { NaisManifest, ProvisionOptions } from './manifest-source.js'

/** How a manifest is read, and what is not to be found in it. */
export interface CheckManifestOptions extends Omit<ProvisionOptions, 'organisationNumber' | 'ungranted'> {
  /** Guarded scopes, in full, that other apps expose. Default none. */
  readonly exposedElsewhere?: readonly string[]
  /** Exposed scopes, in full, that other apps guard. Default none. */
  readonly guardedElsewhere?: readonly string[]
  /** Gets what NAIS takes and what causes trouble later. Default: a warning of the process (`process.emitWarning`). */
  readonly onWarning?: (warning: ManifestProblem) => void
}

/**
 * Checks that an app and its manifest (nais.yaml) agree: every scope that a guard asks for is exposed, and every
 * scope that is exposed has a guard. For a test of the app; the requirements come from the module from which its
 * routes have them, as a guard that is not named here is not checked.
 *
 * @param guards the requirements of the app's routes, or their scopes
 * @param manifest its path, or its text; of several apps in it, all together
 * @throws {ManifestError} naming every scope that is on one side only, with file and line
 * @throws {TypeError} naming the option or the requirement that is wrong
 * @example
 * await checkManifest(['nav:helse/sykepenger/afp.read'], 'nais.yaml')
 * @see https://docs.nais.io/auth/maskinporten/reference/#fully-qualified-scopes
 */
export async function checkManifest(
  guards: readonly GuardRequirement[],
  manifest: string | URL | NaisManifest,
  options: CheckManifestOptions = {},
): Promise<void> {
  const names = [
    'exposedElsewhere',
    'guardedElsewhere',
    'onWarning',
    'scopePrefix',
    'vars',
    'varsFile',
  ] as const
  const taken = takeOptions(options, names, 'checkManifest')
  const { exposedElsewhere = [], guardedElsewhere = [], onWarning = emitWarning, ...reading } = taken
  if (typeof onWarning !== 'function') throw new TypeError('`onWarning` must be a function')
  const otherSide = {
    exposedElsewhere: setOf(exposedElsewhere, 'exposedElsewhere'),
    guardedElsewhere: setOf(guardedElsewhere, 'guardedElsewhere'),
  }
  // Loaded with the first manifest, as everything that reads YAML.
  const { compareScopes, guardedScopes } = await import('./guarded-scopes.js')
  const { problemsOf, readSource, warningsOf } = await import('./manifest-source.js')
  const scopes = guardedScopes(guards)
  const apps = await readSource(manifest, reading)
  compareScopes(scopes, apps, otherSide)
  const problems = problemsOf(apps)
  if (problems.length > 0) throw new ManifestError(problems.toSorted(byLine))
  for (const warning of warningsOf(apps).toSorted(byLine)) onWarning(warning)
}

const emitWarning = (warning: ManifestProblem): void =>
  process.emitWarning(describeProblem(warning), 'ManifestWarning')

function setOf(scopes: readonly string[], option: string): ReadonlySet<string> {
  const isFullName = (scope: unknown) => typeof scope === 'string' && /^[^:\s]+:\S+$/.test(scope)
  const names = Array.isArray(scopes) ? takeList(scopes, option) : undefined
  if (names?.every(isFullName)) return new Set(names)
  throw new TypeError(`\`${option}\` must be a list of full scope names, prefix:subscope`)
}

const byLine = (one: { readonly line: number | undefined }, other: { readonly line: number | undefined }) =>
  (one.line ?? 0) - (other.line ?? 0)
