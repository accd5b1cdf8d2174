/**
 * What is mutated, and the tests that are asked about it: those that state what the module is for. Asking all
 * of them about every mutant would take hours and hide which module lacks a test of its own.
 */
const runIn = (folder) => (modules, tests) => ({
  mutate: modules.map((name) => `packages/${folder}/src/${name}.ts`),
  tests: tests.map((name) => `packages/${folder}/test/${name}.test.ts`),
})
const core = runIn('core')
const client = runIn('client')
const express = runIn('express')
const koa = runIn('koa')
const fastify = runIn('fastify')
const nestjs = runIn('nestjs')
const hono = runIn('hono')
const fetch = runIn('fetch')

/** Runs of their own: every run costs a few seconds before its first mutant, every test file a little for each. */
export const RUNS = [
  // What decides whether a request passes.
  core(['bearer'], ['bearer']),
  core(['scope'], ['scope']),
  core(['compact-jws'], ['compact-jws']),
  core(['signature', 'signed-tokens'], ['signature', 'signed-tokens', 'token-cache-verdicts']),
  core(['token-cache'], ['token-cache']),
  core(
    ['key-set', 'key-freshness', 'key-health', 'key-refresh'],
    [
      'key-set',
      'key-set-at-hand',
      'key-set-bounds',
      'key-set-health',
      'key-set-request-scoped',
      'key-set-unknown-key',
      'key-freshness',
      'key-health',
      'key-refresh',
    ],
  ),
  core(['key-admission'], ['key-admission']),
  core(['key-source', 'metadata'], ['key-source', 'learned-issuer', 'metadata']),
  core(['claims'], ['claims']),
  core(['requirement', 'access', 'consent-rule', 'delegation-rule'], ['requirement', 'access']),
  core(['denial'], ['denial']),
  core(['validator'], ['validator', 'token-cache-verdicts', 'explain']),

  // What it is made of.
  core(['json', 'errors'], ['json', 'errors', 'compact-jws']),
  core(['verified-token', 'personal-data'], ['claims']),
  core(['authorization-details', 'consent', 'system-user'], ['authorization-details', 'claims']),
  core(['organisation', 'organisation-number'], ['organisation']),
  core(['config', 'policy'], ['config', 'config-objects']),
  core(['issuer', 'resolve-issuer'], ['issuer', 'config', 'config-objects']),
  core(['url-rule'], ['url-rule']),
  core(['nais-variables'], ['nais-variables']),
  core(['options', 'loopback'], ['options', 'option-values', 'loopback']),
  core(['guard'], ['guard']),
  core(['node-answer'], ['node-answer']),
  core(['clock', 'default-validator'], ['clock', 'default-validator']),
  core(['fetch-json'], ['fetch-json']),
  core(['post-json.node'], ['post-json']),
  core(['safe-cause'], ['safe-cause']),
  core(['proxy', 'process-env'], ['proxy']),
  core(
    ['introspected-tokens', 'introspect', 'introspection-answer', 'texas-probe', 'texas-validator'],
    ['introspection-answer', 'post-json', 'texas-keys', 'texas-validator', 'texas-probe'],
  ),

  // What is told about a decision.
  core(['decision'], ['decision', 'validator']),
  core(['advice'], ['advice']),
  core(['diagnosis'], ['diagnosis']),
  core(['explanation', 'checks'], ['explanation']),
  core(['explain'], ['explanation', 'explain']),

  // How tokens are got.
  client(['authorized-fetch'], ['redirects', 'authorized-fetch', 'aborted-calls', 'leaks']),
  client(['configuration', 'signing-key'], ['configuration', 'leaks']),
  client(['grant'], ['grant']),
  client(['token-response', 'hints'], ['token-response']),
  client(['retry', 'attempt'], ['retry', 'attempt']),
  client(['token-cache'], ['token-cache']),
  client(['exchange'], ['exchange', 'deadlines']),
  client(['texas-source'], ['texas-source']),
  client(['authorization-details'], ['authorization-details']),
  client(['client'], ['client', 'failures', 'deadlines', 'authorized-fetch']),
  client(['token-endpoint'], ['token-endpoint']),
  client(['maskinporten-source'], ['maskinporten-source', 'deadlines']),
  client(['client-error'], ['client-error']),

  // What translates a decision for a framework.
  express(['require-maskinporten-scope'], ['require-maskinporten-scope', 'begun-answers']),
  koa(['require-maskinporten-scope'], ['require-maskinporten-scope', 'begun-answers']),
  hono(['require-maskinporten-scope'], ['require-maskinporten-scope', 'begun-answers']),
  fetch(['require-maskinporten-scope'], ['require-maskinporten-scope']),
  fastify(
    ['require-maskinporten-scope', 'answer', 'plugin', 'context-validator'],
    ['require-maskinporten-scope', 'answer', 'plugin'],
  ),
  nestjs(
    ['access-mark', 'require-maskinporten-scope', 'maskinporten-module', 'module-options'],
    ['decorators', 'module', 'inheritance', 'copied-classes'],
  ),
  nestjs(
    ['methods', 'handler-check', 'start-check', 'per-request-guard'],
    ['module', 'instance-members', 'inheritance', 'copied-classes', 'mixins', 'routing'],
  ),
  nestjs(
    ['maskinporten-guard', 'deny', 'denial-headers', 'maskinporten-denied-exception', 'maskinporten-token'],
    ['denial-headers', 'decorators', 'module', 'platforms', 'validators', 'inheritance'],
  ),
]

/** Two modules that everything stands on and that take a minute together. */
export const SLICE = ['packages/core/src/bearer.ts', 'packages/core/src/scope.ts']
