import { readdirSync } from 'node:fs'
import { ADAPTERS } from '../../adapters.mjs'

/**
 * The modules to mutate, each with its own tests. Running every test for every mutant would take hours and
 * hide modules without their own tests.
 */
const runIn = (folder) => (modules, tests) => ({
  mutate: modules.map((name) => `packages/${folder}/src/${name}.ts`),
  tests: tests.map((name) => `packages/${folder}/test/${name}.test.ts`),
})
const core = runIn('core')
const client = runIn('client')
const nestjs = runIn('nestjs')

/** One run for an adapter, with all its modules and tests. */
const adapterRun = (name) => {
  const namesIn = (folder, ending) =>
    readdirSync(new URL(`../../../packages/${name}/${folder}/`, import.meta.url))
      .filter((file) => file.endsWith(ending) && file !== 'index.ts')
      .map((file) => file.slice(0, -ending.length))
  return runIn(name)(namesIn('src', '.ts'), namesIn('test', '.test.ts'))
}

/** The runs. A run costs a few seconds, and each of its test files costs some time per mutant. */
export const RUNS = [
  // Modules that decide on requests.
  core(['http/bearer'], ['http/bearer']),
  core(['requirements/scope'], ['requirements/scope']),
  core(['jws/compact-jws'], ['jws/compact-jws']),
  core(['jws/verify-rsa.node', 'jws/verify-rsa'], ['jws/verify-rsa']),
  core(
    ['jws/verify-signature', 'verifiers/jwt-verifier'],
    [
      'jws/verify-signature',
      'verifiers/jwt-verifier',
      'verifiers/verified-token-cache-verdicts.deep',
      'polluted-decisions',
    ],
  ),
  core(['verifiers/verified-token-cache'], ['verifiers/verified-token-cache', 'polluted-decisions']),
  core(
    ['keys/key-set', 'keys/freshness', 'keys/health', 'keys/key-refresh'],
    [
      'keys/key-set',
      'keys/key-set-available',
      'keys/key-set-health',
      'keys/key-set-request-scoped',
      'keys/key-set-unknown-key',
      'keys/freshness',
      'keys/key-refresh',
    ],
  ),
  core(['keys/jwk-import'], ['keys/jwk-import', 'polluted-decisions']),
  core(['keys/key-source', 'keys/metadata'], ['keys/key-source', 'config/learned-issuer']),
  core(['claims/read-claims', 'claims/check-claims'], ['claims/read-claims', 'claims/check-claims']),
  core(
    [
      'requirements/requirement',
      'requirements/demands',
      'requirements/audience',
      'requirements/consumers',
      'requirements/delegation',
      'requirements/system-user',
      'requirements/consent',
      'requirements/pid',
      'requirements/authorize',
    ],
    ['requirements/requirement', 'requirements/demands', 'requirements/consent', 'decision/explain'],
  ),
  core(['http/denial', 'platform/report-failure'], ['http/denial']),
  core(
    ['validator'],
    [
      'validator',
      'validator-events',
      'verifiers/verified-token-cache-verdicts.deep',
      'decision/explain-agreement.deep',
      'polluted-decisions',
    ],
  ),

  // Modules that decisions use.
  core(
    ['platform/json', 'errors/maskinporten-error'],
    ['platform/json', 'errors/maskinporten-error', 'jws/compact-jws'],
  ),
  core(
    ['claims/verified-token', 'claims/redact'],
    ['claims/verified-token', 'claims/redact', 'claims/read-claims'],
  ),
  core(
    ['claims/authorization-details', 'claims/consent', 'claims/system-user'],
    ['claims/authorization-details', 'claims/read-claims'],
  ),
  core(['claims/organisation'], ['claims/organisation', 'polluted-decisions']),
  core(
    ['config/validator-options', 'config/policy', 'keys/key-options', 'verifiers/token-cache-limits'],
    ['config/validator-options', 'config/issuer'],
  ),
  core(['config/issuer'], ['config/issuer', 'config/validator-options']),
  core(['platform/url-rule'], ['platform/url-rule']),
  core(['platform/environment'], ['platform/environment']),
  core(['platform/options'], ['platform/options']),
  core(['guard', 'platform/copy-mark'], ['guard']),
  core(['http/node-answer'], ['http/node-answer']),
  core(['platform/clock'], ['platform/clock']),
  core(['platform/fetch-json', 'platform/deadline'], ['platform/fetch-json']),
  core(['platform/post-json.node'], ['platform/post-json']),
  core(
    ['platform/safe-cause', 'platform/connection-hint'],
    ['platform/safe-cause', 'platform/connection-hint'],
  ),
  core(
    ['verifiers/introspection-verifier', 'verifiers/introspect', 'verifiers/texas-probe', 'texas-validator'],
    [
      'verifiers/introspection-answer',
      'platform/post-json',
      'texas-keys',
      'texas-validator',
      'verifiers/texas-probe',
    ],
  ),

  // Modules that report decisions.
  core(
    ['decision/event'],
    ['decision/event', 'decision/explain', 'validator', 'validator-events', 'texas-keys'],
  ),
  core(
    [
      'errors/hint',
      'errors/reasons/access',
      'errors/reasons/claims',
      'errors/reasons/credentials',
      'errors/reasons/issuer',
      'errors/reasons/outage',
      'errors/reasons/reason',
      'errors/reasons/token',
    ],
    ['errors/reasons', 'http/denial'],
  ),
  core(['claims/foreign-token', 'claims/issuers'], ['claims/foreign-token', 'claims/read-claims']),
  core(['decision/explanation'], ['decision/explain']),
  core(['decision/refusal-line'], ['decision/refusal-line']),
  core(
    [
      'openapi/combined',
      'openapi/components',
      'openapi/document',
      'openapi/secure-operations',
      'openapi/security-of',
    ],
    ['openapi/secure-operations', 'openapi/security-of'],
  ),
  core(['openapi/scope-alternatives'], ['openapi/scope-alternatives']),
  core(['decision/explain'], ['decision/explain', 'decision/explain-agreement.deep']),

  // The client.
  client(['authorized-fetch'], ['authorized-fetch', 'aborted-calls', 'leaks']),
  client(
    ['configuration', 'signing-key', 'private-key', 'private-jwk', 'certificate-chain', 'der', 'key-text'],
    ['configuration', 'client', 'key-forms', 'private-jwk', 'certificate-chain', 'leaks'],
  ),
  client(['token-request', 'secrets'], ['token-request', 'refused-token-requests']),
  client(
    ['token-response', 'known-refusals', 'refusal'],
    ['token-response', 'known-refusals', 'refused-token-requests', 'polluted-prototype'],
  ),
  client(['retry', 'attempt'], ['retry', 'attempt']),
  client(['token-cache', 'request-pauses'], ['token-cache', 'request-pauses']),
  client(['exchange'], ['exchange']),
  client(['texas-source'], ['texas-source']),
  client(['altinn-exchange'], ['altinn-exchange', 'polluted-prototype']),
  client(['altinn-platform'], ['altinn-platform']),
  client(['authorization-details'], ['authorization-details']),
  client(['client'], ['client', 'renewals.deep', 'altinn-exchange']),
  client(['token-endpoint'], ['token-endpoint', 'polluted-prototype']),
  client(['maskinporten-source'], ['maskinporten-source']),
  client(['client-error'], ['client-error', 'polluted-prototype']),

  // The adapters.
  ...ADAPTERS.filter(({ name }) => name !== 'nestjs').map(({ name }) => adapterRun(name)),
  nestjs(
    ['access-mark', 'require-maskinporten-scope', 'maskinporten-module', 'module-options'],
    [
      'decorators',
      'module',
      'inheritance',
      'instance-members',
      'copied-classes',
      'replaced-methods',
      'request-scoped',
      'routing',
    ],
  ),
  nestjs(
    ['methods', 'handlers', 'start-check', 'per-request-guard', 'field-resolvers'],
    [
      'field-resolvers',
      'module',
      'instance-members',
      'inheritance',
      'copied-classes',
      'replaced-methods',
      'request-scoped',
      'routing',
    ],
  ),
  nestjs(
    ['maskinporten-guard', 'deny', 'maskinporten-denied-exception', 'maskinporten-token'],
    ['deny', 'decorators', 'module', 'platforms', 'inheritance'],
  ),
  nestjs(['openapi'], ['openapi', 'openapi-paths']),
]

/** Two central modules, which take a minute together. */
export const SLICE = ['packages/core/src/http/bearer.ts', 'packages/core/src/requirements/scope.ts']
