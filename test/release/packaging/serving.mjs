// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { environment } from './command.mjs'

/**
 * Returns an unused port.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('The server has no port')
  return address.port
}

/**
 * Starts a shell command, and waits until a URL answers.
 *
 * @param {string} cwd
 * @param {string} command
 * @param {string} url
 * @param {Readonly<Record<string, string>>} [env] variables in addition to the environment of this process
 * @returns {Promise<() => Promise<void>>} a function that stops the command and its child processes
 */
export async function serve(cwd, command, url, env = {}) {
  // The command gets its own process group, because npx starts further processes.
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
      throw new Error(`${command}: no answer from ${url}\n${printed}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return stop
}

/**
 * Returns the status of a call. Each call has a new connection, because this process can block for longer
 * than a server keeps an idle connection open.
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
