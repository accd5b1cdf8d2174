/**
 * Exports for `@portvakt/cli` only. The exported names can change without notice.
 *
 * @module
 */
export { describeApp } from './control/control-routes.js'
export type { AnsweredClient } from './control/mock-answers.js'
export { refuseProduction } from './control/refuse-production.js'
export { DEFAULT_PORT, RunningMock, RunningMockError } from './control/running-mock.js'
export { describeProblem } from './nais/manifest-error.js'
export { problemsOf, readSources, warningsOf } from './nais/manifest-source.js'
export { dotenvOf, writeVariables } from './nais/provisioned-app.js'
export { readText, readVariables } from './nais/template-variables.js'
export { type NaisVariables, naisEntriesOf } from './nais/variables.js'
