import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Starts a process that answers questions over Node's IPC channel.
 *
 * @param script a URL
 * @param setting the first message to the process
 */
export async function startProcess(script, setting) {
  const child = fork(fileURLToPath(script), [], {
    execArgv: ['--expose-gc', ...QUIET],
    // Some frameworks work differently in development.
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
  })
  const waiting = new Map()
  let asked = 0
  child.on('message', ({ question, answer, error }) => {
    const { resolve, reject } = waiting.get(question)
    waiting.delete(question)
    if (error === undefined) resolve(answer)
    else reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The process ended with ${code}`))
  })
  const ask = (operation, input) =>
    new Promise((resolve, reject) => {
      const question = asked++
      waiting.set(question, { resolve, reject })
      child.send({ question, operation, input })
    })
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve()
      child.once('exit', resolve)
      child.disconnect()
      return undefined
    })
  return { opened: await ask('open', setting), ask, stop }
}

/**
 * Silences the warning of fast-jwt about unhashed tokens in its cache. The benchmark caches unhashed tokens
 * on purpose.
 */
const QUIET = ['--disable-warning=FAST_JWT_CACHE_KEY_BUILDER_SECURITY_RISK']

/** In a child process, answers each question with the operation that it names. Exits when the parent does. */
export function answerWith(operations) {
  process.on('message', async ({ question, operation, input }) => {
    try {
      process.send({ question, answer: (await operations[operation](input)) ?? null })
    } catch (error) {
      process.send({ question, error: `${operation}: ${error.stack}` })
    }
  })
  process.on('disconnect', () => process.exit())
}
