import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const REPORT = new URL('report-cpu.mjs', import.meta.url).href
const MAIN = fileURLToPath(new URL('../../../../packages/cli/dist/main.js', import.meta.url))

/** Commands by title. A command that serves is stopped after its first output. */
export const COMMANDS = {
  'node, an empty module': { args: ['--input-type=module', '--eval', ''] },
  'portvakt --help': { args: [MAIN, '--help'] },
  'portvakt serve, until it prints': { args: [MAIN, 'serve', '--port', '0'], serves: true },
  'portvakt run -- true': { args: [MAIN, 'run', '--port', '0', '--', 'true'] },
}

/**
 * Runs a command in a new process.
 *
 * @returns `wall`, `cpu` and the exit `code`. `wall` is the time in milliseconds until the first output of a
 *   command that serves, or until the end of any other command. `cpu` is the CPU time of the whole process in
 *   milliseconds
 */
export async function runCommand({ args, serves }) {
  const before = performance.now()
  // No mock listens on port 1, so `run` starts one.
  const env = { PATH: process.env.PATH, PORTVAKT_MOCK_URL: 'http://127.0.0.1:1/' }
  const stdio = ['ignore', 'pipe', 'ignore', 'pipe']
  const child = spawn(process.execPath, ['--import', REPORT, ...args], { env, stdio })
  const exited = once(child, 'exit')
  const cpu = text(child.stdio[3])
  if (serves) await Promise.race([once(child.stdout, 'data'), exited])
  else child.stdout.resume()
  if (!serves) await exited
  const wall = performance.now() - before
  if (serves) child.kill('SIGTERM')
  const [code] = await exited
  return { wall, cpu: Number(await cpu), code }
}
