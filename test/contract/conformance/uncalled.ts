import type { RequestListener } from 'node:http'
import { send, serve } from './host.js'

/**
 * A cast to this type lets a test use `requireMaskinportenScope` as a guard without calling it, as JavaScript
 * does.
 */
export type Untyped = (...given: unknown[]) => never

/** Returns the text of the error that reached the framework. The framework must answer 500. */
export async function errorOver(listener: RequestListener, errors: unknown[]): Promise<string> {
  const running = await serve(listener)
  const { status } = await send(running.port, 'GET', '/')
  await running.close()
  return status === 500 ? String(errors[0]) : `answered ${status}`
}
