import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const CONSUMER = fileURLToPath(new URL('consumer/', import.meta.url))
const compiler = (name: string) =>
  fileURLToPath(new URL(`../../node_modules/${name}/bin/tsc`, import.meta.url))

const STRICT = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node']
// Without this it insists on the repository's own configuration.
const NEWEST = ['--ignoreConfig']
const CLASSIC = ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop']

test.each([
  ['an ES module, newest TypeScript', 'typescript', 'consumer.mts', [...NEWEST, '--module', 'nodenext']],
  ['an ES module, TypeScript 5', 'typescript5', 'consumer.mts', ['--module', 'nodenext']],
  ['a CommonJS module, newest TypeScript', 'typescript', 'consumer.cts', [...NEWEST, '--module', 'nodenext']],
  ['a CommonJS module, TypeScript 5', 'typescript5', 'consumer.cts', ['--module', 'nodenext']],
  ['a classic CommonJS project, TypeScript 5', 'typescript5', 'classic.ts', CLASSIC],
])(
  'the built declarations compile in %s, with every library checked',
  async (_title, typescript, file, options) => {
    const args = [compiler(typescript), ...STRICT, ...options, file]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: CONSUMER }).catch(
      (failure: { stdout: string }) => failure,
    )
    expect(stdout).toBe('')
  },
  60_000,
)
