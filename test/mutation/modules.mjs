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
  core(['signature', 'signed-tokens'], ['signature', 'signed-tokens', 'token-cache']),
  core(['token-cache'], ['token-cache']),
  core(['key-set', 'key-refresh'], ['key-set', 'key-set-at-hand', 'key-set-bounds', 'key-refresh']),
  core(['key-admission'], ['key-admission']),
  core(['key-source'], ['key-source']),
  core(['claims'], ['claims']),
  core(['requirement', 'access', 'consent-rule', 'delegation-rule'], ['requirement', 'access']),
  core(['denial'], ['denial']),
  core(['validator'], ['validator', 'token-cache', 'explain']),

  // What it is made of.
  core(['json', 'errors'], ['json', 'errors', 'compact-jws']),
  core(['verified-token', 'personal-data'], ['claims']),
  core(['authorization-details', 'consent', 'system-user'], ['authorization-details', 'claims']),
  core(['organisation', 'organisation-number'], ['organisation']),
  core(['config', 'policy'], ['config']),
  core(['issuer'], ['issuer', 'config']),
  core(['options', 'loopback'], ['options', 'loopback']),
  core(['guard'], ['guard']),
  core(['node-answer'], ['node-answer']),
  core(['clock', 'default-validator'], ['clock', 'default-validator']),
  core(['fetch-json'], ['fetch-json']),
  core(['proxy', 'process-env'], ['proxy']),
  core(['introspected-tokens', 'texas-validator'], ['texas-validator']),

  // What is told about a decision.
  core(['decision'], ['validator']),
  core(['advice'], ['advice']),
  core(['diagnosis'], ['diagnosis']),
  core(['explanation', 'checks'], ['explanation']),
  core(['explain'], ['explanation', 'explain']),

  // How tokens are got.
  client(['authorized-fetch'], ['redirects', 'authorized-fetch']),
  client(['configuration', 'nais-variables', 'signing-key'], ['configuration']),
  client(['grant'], ['grant']),
  client(['token-response', 'hints'], ['token-response']),
  client(['retry'], ['retry']),
  client(['token-cache'], ['token-cache']),
  client(['exchange'], ['exchange']),
  client(['texas-source'], ['texas-source']),
  client(['authorization-details'], ['authorization-details']),
  client(['client'], ['client', 'authorized-fetch']),
  client(['token-endpoint'], ['token-endpoint']),
  client(['maskinporten-source'], ['maskinporten-source']),
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
    ['decorators', 'module'],
  ),
  nestjs(
    ['maskinporten-guard', 'denial-headers', 'maskinporten-denied-exception', 'maskinporten-token'],
    ['denial-headers', 'decorators', 'module', 'platforms'],
  ),
]

/** Two modules that everything stands on and that take a minute together. */
export const SLICE = ['packages/core/src/bearer.ts', 'packages/core/src/scope.ts']
