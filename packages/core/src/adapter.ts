// `@portvakt/core/adapter`: what an adapter for a framework is built of.
export { VALIDATOR_OPTIONS } from './config/validator-options.js'
export type { MaskinportenErrorDetails } from './errors/maskinporten-error.js'
export { createGuard, type Guard } from './guard.js'
export { authorizationValues } from './http/bearer.js'
export { type DenialOptions, denialOf } from './http/denial.js'
export { answerState, breakOff, type NodeRequest, type NodeResponse } from './http/node-answer.js'
export { takeList, takeOptions } from './platform/options.js'
export { prepareRequirement, uncalledFactory } from './requirements/requirement.js'
