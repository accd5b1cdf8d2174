// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { environment } from './command.mjs'

/**
 * A port that nobody listens at.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('The server listens at no port')
  return address.port
}

/**
 * Starts a command of a shell, and waits until something answers at an address.
 *
 * @param {string} cwd
 * @param {string} command
 * @param {string} url
 * @param {Readonly<Record<string, string>>} [env] beside this process's
 * @returns {Promise<() => Promise<void>>} stops it, and what it started
 */
export async function serve(cwd, command, url, env = {}) {
  // A process group of its own, because npx and the command that it runs are several processes.
  const child = spawn(command, { cwd, shell: true, detached: true, env: environment(env) })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text))
  const ended = once(child, 'exit')
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  const deadline = Date.now() + 60_000
  while (!(await statusOf(url).catch(() => undefined))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`${command}: nothing answers at ${url}\n${printed}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return stop
}

/**
 * The status with which a call is answered, on a connection of its own: this process may block for longer than a
 * server keeps one.
 *
 * @param {string} url
 * @param {string} [token]
 * @returns {Promise<number>}
 */
export async function statusOf(url, token) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers: { connection: 'close', ...authorization } })
  await response.body?.cancel()
  return response.status
}
