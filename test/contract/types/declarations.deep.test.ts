import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const CONSUMER = fileURLToPath(new URL('consumer/', import.meta.url))
const { resolve } = createRequire(import.meta.url)
const compiler = (name: string) => join(resolve(`${name}/package.json`), '../bin/tsc')

const STRICT = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node']
// Without this option, the newest compiler reads the repository's configuration.
const NEWEST = ['--ignoreConfig']
// Both kinds of module are compiled in one run, because checking the libraries is slow.
const MODERN = ['--module', 'nodenext', 'consumer.mts', 'consumer.cts']
// Without the DOM's types, some names of @types/node, such as TextDecoder, are values and not types.
const WITHOUT_DOM = ['--lib', 'es2023', ...MODERN]
const CLASSIC = ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop', 'classic.ts']

async function compile(typescript: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [compiler(typescript), ...STRICT, ...args], {
    cwd: CONSUMER,
  }).catch((failure: { stdout: string }) => failure)
  return stdout
}

test.each([
  ['an ES module and a CommonJS module, newest TypeScript', 'typescript', [...NEWEST, ...MODERN]],
  ['an ES module and a CommonJS module, TypeScript 5', 'typescript5', MODERN],
  ['modules without the types of the DOM, newest TypeScript', 'typescript', [...NEWEST, ...WITHOUT_DOM]],
  ['a classic CommonJS project, TypeScript 5', 'typescript5', CLASSIC],
])('the built declarations compile without `skipLibCheck`, in %s', async (_title, typescript, args) => {
  expect(await compile(typescript, args)).toBe('')
})

// The frameworks' declarations do not compile with `exactOptionalPropertyTypes`.
const TYPED = ['--skipLibCheck', '--module', 'nodenext', 'typed-requests.mts']

test.each([
  ['newest TypeScript', 'typescript', [...NEWEST, ...TYPED]],
  [
    'newest TypeScript and exactOptionalPropertyTypes',
    'typescript',
    [...NEWEST, '--exactOptionalPropertyTypes', ...TYPED],
  ],
  ['TypeScript 5 and exactOptionalPropertyTypes', 'typescript5', ['--exactOptionalPropertyTypes', ...TYPED]],
])('guards accept requests, contexts and states of any type, with %s', async (_title, typescript, args) => {
  expect(await compile(typescript, args)).toBe('')
})
