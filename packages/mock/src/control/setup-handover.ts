import { getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads'
import { isLoopback } from '@portvakt/core/internal'
import { type NaisVariables, naisEntriesOf } from '../nais/variables.js'

/** The variable, and the key of Node's environment data, by which a process tells its children of its mock. */
const NAME = 'PORTVAKT_MOCK_SETUP'

/**
 * What test runners set in a process or thread of its own for test files. A child that has one of them with
 * another value than its parent runs test files of its own: it gets a mock of its own.
 */
const RUNNERS = ['NODE_TEST_CONTEXT', 'MOCHA_WORKER_ID', 'JEST_WORKER_ID', 'VITEST_POOL_ID']

/** The mock of a parent process or thread. */
export interface HandedMock {
  readonly url: string
  /** The variables that NAIS sets, as the parent had them. */
  readonly env: Readonly<Record<string, string>>
}

/** @param env where children get their variables from: in Jest each test file has a `process.env` of its own */
export function handToChildren({ url, env: variables }: HandedMock, env = process.env): void {
  const record = JSON.stringify({ url, pid: process.pid, thread: threadId, runners: runnersIn(env) })
  env[NAME] = record
  // Only a Worker reads this. It tells a Worker of the mock even when its `env` is another one.
  if (env === process.env) setEnvironmentData(NAME, { record, variables: { ...variables } })
}

/** The mock that a child shares with its parent; undefined for a process that starts a mock of its own. */
export function handedMock(): HandedMock | undefined {
  const record = process.env[NAME]
  if (record !== undefined) {
    const url = urlIn(record)
    // The variables of this process, which a parent may have changed for its child.
    return url === undefined ? undefined : { url, env: Object.fromEntries(naisEntriesOf(process.env)) }
  }
  const data = getEnvironmentData(NAME)
  if (!isObject(data) || typeof data['record'] !== 'string') return undefined
  const url = urlIn(data['record'])
  // Only `handToChildren` writes environment data of this name.
  return url === undefined ? undefined : { url, env: data['variables'] as NaisVariables }
}

/** Undefined for a process that is to have a mock of its own, and when the parent has ended. */
function urlIn(record: string): string | undefined {
  const { url, pid, thread, runners } = parsed(record)
  // A test runner may load the next test file in the same thread: it starts a mock of its own.
  if (pid === process.pid && thread === threadId) return undefined
  if (typeof url !== 'string' || !URL.canParse(url) || !isLoopback(new URL(url))) return undefined
  if (!isObject(runners) || typeof pid !== 'number' || !isRunning(pid)) return undefined
  const isTestFile = Object.entries(runnersIn(process.env)).some(([name, value]) => value !== runners[name])
  return isTestFile ? undefined : url
}

/** A variable may hold anything. */
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

/** After the parent has ended, any process may listen on its mock's port. */
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
