import type { RequestListener } from 'node:http'
import { send, serve } from './host.js'

/** The type of a guard in JavaScript, where no compiler rejects a guard that is not called. */
export type Untyped = (...given: unknown[]) => never

/** The text of the error that reached the framework, which must answer 500. */
export async function errorOver(listener: RequestListener, errors: unknown[]): Promise<string> {
  const running = await serve(listener)
  const { status } = await send(running.port, 'GET', '/')
  await running.close()
  return status === 500 ? String(errors[0]) : `answered ${status}`
}
