/**
 * The Jest preset: `preset: '@portvakt/mock'`. It starts the mock before each test file (setup.cjs), and lets
 * CommonJS tests load Portvakt and jose, which are ES modules.
 */
'use strict'

exports.setupFiles = [require.resolve('./setup.cjs')]

// Jest's default pattern. A `transform` of the project takes precedence.
exports.transform = { '\\.[jt]sx?$': require.resolve('./jest-transform.cjs') }

// Jest's default patterns, except that the ES modules are not ignored. pnpm and Bun keep packages in a folder
// whose name begins with a dot, so their paths have `/node_modules/` twice.
exports.transformIgnorePatterns = ['/node_modules/(?!(\\.pnpm|\\.bun|@portvakt|jose)/)', '\\.pnp\\.[^\\/]+$']
