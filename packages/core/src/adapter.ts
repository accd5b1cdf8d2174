// `@portvakt/core/adapter`: the building blocks of an adapter.
export { VALIDATOR_OPTIONS } from './config/validator-options.js'
export type { MaskinportenErrorDetails } from './errors/maskinporten-error.js'
export {
  AdapterContext,
  checkValidator,
  createGuard,
  type Guard,
  requireToken,
  takeGuardOptions,
} from './guard.js'
export { authorizationValues } from './http/bearer.js'
export { type DenialOptions, denialOf } from './http/denial.js'
export {
  answerState,
  breakOff,
  canFollow,
  type NodeRequest,
  type NodeResponse,
  removeBodyHeaders,
} from './http/node-answer.js'
export { functionOrAbsent, isUnwantedPromise, takeList, takeOptions } from './platform/options.js'
export { prepareRequirement, uncalledFactory } from './requirements/requirement.js'
