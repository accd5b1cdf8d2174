// @ts-check
import { execFileSync } from 'node:child_process'

/**
 * The environment for a process in another project: the environment of this process, without the settings of
 * the test runner.
 *
 * @param {Readonly<Record<string, string>>} [more]
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(more = {}) {
  const {
    NODE_OPTIONS: _options,
    NODE_ENV: _env,
    VITEST: _vitest,
    FORCE_COLOR: _color,
    ...rest
  } = process.env
  return { ...rest, NO_COLOR: '1', ...more }
}

/**
 * Runs a command, and returns its stdout. Throws an error with the whole output if the command fails.
 *
 * @param {string} cwd
 * @param {string} command
 * @param {...string} args
 * @returns {string}
 */
export function run(cwd, command, ...args) {
  const options = { cwd, env: environment(), timeout: 1_200_000 }
  try {
    return execFileSync(command, args, { ...options, encoding: 'utf8', stdio: 'pipe' })
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const printed = ['stdout', 'stderr'].map((name) => Reflect.get(cause, name) ?? '').join('')
    throw new Error(`${command} ${args.join(' ')}\n${printed || cause.message}`, { cause })
  }
}
