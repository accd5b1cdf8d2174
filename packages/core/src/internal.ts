// `@portvakt/core/internal`: code that the client, the mock and the command line share. Any release can
// change it.
import { post as chosen } from '#post-json'
import type { Post } from './platform/post-json.js'

export { ISSUERS } from './claims/issuers.js'
export { hasValidCheckDigit, isOrganisationNumber } from './claims/organisation.js'
export { type ReadClaims, readClaims } from './claims/read-claims.js'
export { maskPersons } from './claims/redact.js'
export { type EndpointNames, type GivenIssuer, type ResolvedIssuer, resolveIssuer } from './config/issuer.js'
export { readClock } from './config/policy.js'
export { REASONS } from './errors/reasons/reasons.js'
export { ALGORITHMS, base64urlBytes } from './jws/compact-jws.js'
export { endpointIn, issuerIn } from './keys/metadata.js'
export { sleep } from './platform/clock.js'
export { connectionHint } from './platform/connection-hint.js'
export { settleWithin } from './platform/deadline.js'
export { type NaisVariables, naisVariables, PROXY_ADVICE, proxyIsUnused } from './platform/environment.js'
export { asUpstreamError, readJson, readText, send, UpstreamError } from './platform/fetch-json.js'
export { isObject, own } from './platform/json.js'
export {
  functionOrAbsent,
  isAbsoluteUri,
  numberBetween,
  stringList,
  takeJson,
  takeList,
  takeOptions,
  wholeNumberBetween,
} from './platform/options.js'
/** The type is written out, because not every compiler can resolve a declaration that names `#post-json`. */
export const post: Post | undefined = chosen
export { safeCause } from './platform/safe-cause.js'
export { checkUrl, isConfidential, isLoopback } from './platform/url-rule.js'
export { prepareScope } from './requirements/scope.js'
