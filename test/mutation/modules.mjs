/**
 * What is mutated, and the tests that are asked about it: those that state what the module is for. Asking all
 * of them about every mutant would take hours and hide which module lacks a test of its own.
 */
const core = (modules, tests) => ({
  mutate: modules.map((name) => `packages/core/src/${name}.ts`),
  tests: tests.map((name) => `packages/core/test/${name}.test.ts`),
})

/** Runs of their own: every run costs a few seconds before its first mutant, every test file a little for each. */
export const RUNS = [
  // What decides whether a request passes.
  core(['bearer'], ['bearer']),
  core(['scope'], ['scope']),
  core(['compact-jws'], ['compact-jws']),
  core(['signature', 'signed-tokens'], ['signature', 'signed-tokens', 'token-cache']),
  core(['token-cache'], ['token-cache']),
  core(['key-set', 'key-refresh'], ['key-set']),
  core(['key-admission'], ['key-admission']),
  core(['key-source'], ['key-source']),
  core(['claims'], ['claims']),
  core(['requirement', 'access', 'consent-rule', 'delegation-rule'], ['requirement', 'access']),
  core(['denial'], ['denial']),
  core(['validator'], ['validator', 'token-cache', 'explain']),
]

/** Two modules that everything stands on and that take a minute together. */
export const SLICE = ['packages/core/src/bearer.ts', 'packages/core/src/scope.ts']
