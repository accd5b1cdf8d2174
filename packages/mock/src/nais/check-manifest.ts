import { takeList, takeOptions } from '@portvakt/core/internal'
import { isFullScopeName } from '../text-options.js'
import type { GuardRequirement } from './guarded-scopes.js'
import { describeProblem, ManifestError, type ManifestProblem } from './manifest-error.js'
import type { NaisManifest, ProvisionOptions } from './manifest-source.js'

/** How to read a manifest, and which scopes other apps expose or guard. */
export interface CheckManifestOptions extends Omit<ProvisionOptions, 'organisationNumber' | 'ungranted'> {
  /** Full names of guarded scopes that other apps expose. Default none. */
  readonly exposedElsewhere?: readonly string[]
  /** Full names of exposed scopes that other apps guard. Default none. */
  readonly guardedElsewhere?: readonly string[]
  /**
   * Called with each warning about a member that NAIS accepts although it causes a failure later. Default
   * `process.emitWarning`.
   */
  readonly onWarning?: (warning: ManifestProblem) => void
}

/**
 * Checks that an app and its manifest (nais.yaml) agree: each required scope is exposed, and each exposed
 * scope is required. Use this function in a test of the app. Only the listed guards are checked, so import
 * the requirements from the module that the routes use.
 *
 * @param guards the requirements of the app's routes, or their scopes
 * @param manifest the path or the text of the manifest; all apps in it are checked together
 * @throws {ManifestError} naming every scope that is exposed but not required, or required but not exposed,
 * with file and line
 * @throws {TypeError} naming the wrong option or requirement
 * @example
 * await checkManifest(['nav:helse/sykepenger/afp.read'], 'nais.yaml')
 * @see https://docs.nais.io/auth/maskinporten/reference/#fully-qualified-scopes
 */
export async function checkManifest(
  guards: readonly GuardRequirement[],
  manifest: string | URL | NaisManifest,
  options: CheckManifestOptions = {},
): Promise<void> {
  const names = ['exposedElsewhere', 'guardedElsewhere', 'onWarning', 'scopePrefix', 'vars'] as const
  const taken = takeOptions(options, [...names, 'varsFile'], 'checkManifest')
  const { exposedElsewhere = [], guardedElsewhere = [], onWarning = emitWarning, ...reading } = taken
  if (typeof onWarning !== 'function') throw new TypeError('`onWarning` must be a function')
  const otherSide = {
    exposedElsewhere: setOf(exposedElsewhere, 'exposedElsewhere'),
    guardedElsewhere: setOf(guardedElsewhere, 'guardedElsewhere'),
  }
  // Import these modules when a manifest is first checked, because the YAML parser is slow to load.
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
  const names = Array.isArray(scopes) ? takeList(scopes, option) : undefined
  if (names?.every(isFullScopeName)) return new Set(names)
  throw new TypeError(`\`${option}\` must be a list of full scope names, prefix:subscope`)
}

const byLine = (one: ManifestProblem, other: ManifestProblem) => (one.line ?? 0) - (other.line ?? 0)
