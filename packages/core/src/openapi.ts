// `@portvakt/core/openapi`: requirements in OpenAPI documents. No other part of core imports it.
export type {
  BearerScheme,
  GuardResponse,
  ProblemSchema,
  SecurityComponents,
  ValueSchema,
} from './openapi/components.js'
export { mapOperations, type OpenApiOperation, type OperationPlace } from './openapi/document.js'
export { secureOperation, secureOperations } from './openapi/secure-operations.js'
export {
  type MaskinportenSecurity,
  type OpenApiOptions,
  type OperationSecurity,
  securityOf,
} from './openapi/security-of.js'
