import { getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads'
import { isLoopback } from '@portvakt/core/internal'
import { type NaisVariables, naisEntriesOf } from '../nais/variables.js'

/** The environment variable, and the key of Node's environment data, that hands a mock to child processes. */
const NAME = 'PORTVAKT_MOCK_SETUP'

/**
 * Test runners set these in each process or thread for test files. A child with another value than its parent runs
 * its own test files, so it gets its own mock.
 */
const RUNNERS = ['NODE_TEST_CONTEXT', 'MOCHA_WORKER_ID', 'JEST_WORKER_ID', 'VITEST_POOL_ID']

export interface HandedMock {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
}

/** @param env the variables of children: in Jest each test file has its own `process.env` */
export function handToChildren({ url, env: variables }: HandedMock, env = process.env): void {
  const record = JSON.stringify({ url, pid: process.pid, thread: threadId, runners: runnersIn(env) })
  env[NAME] = record
  // Also reaches a Worker that is started with its own `env`.
  if (env === process.env) setEnvironmentData(NAME, { record, variables: { ...variables } })
}

/** The mock of the parent; undefined when this process starts its own. */
export function handedMock(): HandedMock | undefined {
  const record = process.env[NAME]
  if (record !== undefined) {
    const url = urlIn(record)
    // The variables of this process, because the parent can have changed them for the child.
    return url === undefined ? undefined : { url, env: Object.fromEntries(naisEntriesOf(process.env)) }
  }
  const data = getEnvironmentData(NAME)
  if (!isObject(data) || typeof data['record'] !== 'string') return undefined
  const url = urlIn(data['record'])
  // Only `handToChildren` writes environment data of this name.
  return url === undefined ? undefined : { url, env: data['variables'] as NaisVariables }
}

/** Returns undefined if this process gets its own mock, and if the parent has ended. */
function urlIn(record: string): string | undefined {
  const { url, pid, thread, runners } = parsed(record)
  // A test runner can load the next test file in the same thread, which gets its own mock.
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

/** Whether a process runs. After the parent has ended, any process can listen on its mock's port. */
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
