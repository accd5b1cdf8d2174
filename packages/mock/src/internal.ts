/**
 * Exports for `@portvakt/cli` only. The exported names can change without notice.
 *
 * @module
 */
export type { AnsweredClient } from './control/mock-answers.js'
export { refuseProduction } from './control/refuse-production.js'
export { DEFAULT_PORT, RunningMock, RunningMockError } from './control/running-mock.js'
export { describeProblem, ManifestError } from './nais/manifest-error.js'
export { describeApp, dotenvOf, writeVariables } from './nais/provisioned-app.js'
export { type NaisVariables, naisEntriesOf } from './nais/variables.js'

/**
 * Loads the functions that read manifests. Call this function only if there is a manifest, because the YAML
 * parser is slow to load.
 */
export async function loadManifestReader() {
  const { problemsOf, readSources, warningsOf } = await import('./nais/manifest-source.js')
  const { readText, readVariables } = await import('./nais/template-variables.js')
  return { problemsOf, readSources, warningsOf, readText, readVariables }
}
