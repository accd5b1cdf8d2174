import { getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads'
import { isLoopback } from '@portvakt/core/internal'
import { type NaisVariables, naisEntriesOf } from '../nais/variables.js'

/**
 * The name of the environment variable and of the entry in Node's environment data that pass a mock to child
 * processes and Workers.
 */
const NAME = 'PORTVAKT_MOCK_SETUP'

/**
 * Variables that test runners set in each process or thread that runs test files. If a child and its parent
 * have different values of such a variable, the child runs its own test files, so it gets its own mock.
 */
const RUNNERS = ['NODE_TEST_CONTEXT', 'MOCHA_WORKER_ID', 'JEST_WORKER_ID', 'VITEST_POOL_ID']

export interface HandedMock {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * @param env the environment that child processes inherit. In Jest, each test file has its own `process.env`.
 */
export function handToChildren({ url, env: variables }: HandedMock, env = process.env): void {
  const record = JSON.stringify({ url, pid: process.pid, thread: threadId, runners: runnersIn(env) })
  env[NAME] = record
  // Environment data also reaches a Worker that is started with its own `env`.
  if (env === process.env) setEnvironmentData(NAME, { record, variables: { ...variables } })
}

/**
 * Returns the mock of the parent process or thread, or undefined when this process must start its own mock.
 */
export function handedMock(): HandedMock | undefined {
  const record = process.env[NAME]
  if (record !== undefined) {
    const url = urlIn(record)
    // Read the variables from this process, because the parent can have changed them for the child.
    return url === undefined ? undefined : { url, env: Object.fromEntries(naisEntriesOf(process.env)) }
  }
  const data = getEnvironmentData(NAME)
  if (!isObject(data) || typeof data['record'] !== 'string') return undefined
  const url = urlIn(data['record'])
  // Only `handToChildren` writes environment data with this name.
  return url === undefined ? undefined : { url, env: data['variables'] as NaisVariables }
}

/**
 * Returns the URL of the parent's mock. Returns undefined if this process gets its own mock, or if the parent
 * has ended.
 */
function urlIn(record: string): string | undefined {
  const { url, pid, thread, runners } = parsed(record)
  // The record is from this thread itself: a test runner can load the next test file in the same thread, and
  // each test file gets its own mock.
  if (pid === process.pid && thread === threadId) return undefined
  if (typeof url !== 'string' || !URL.canParse(url) || !isLoopback(new URL(url))) return undefined
  if (!isObject(runners) || typeof pid !== 'number' || !isRunning(pid)) return undefined
  const isTestFile = Object.entries(runnersIn(process.env)).some(([name, value]) => value !== runners[name])
  return isTestFile ? undefined : url
}

function parsed(record: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(record)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function runnersIn(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(RUNNERS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

/**
 * Whether a process is running. After the parent has ended, any process can listen on the port of the parent's
 * mock.
 */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
