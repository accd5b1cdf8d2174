import type { IncomingMessage } from 'node:http'

/**
 * Where the proxy puts the caller's method and URI. Choose the source that your proxy sets: a caller can
 * forge the others.
 */
export type Source = 'x-original' | 'x-forwarded' | 'request-line'

/**
 * Returns the caller's method, for a rule that depends on it.
 *
 * @throws {Error} if the proxy did not send exactly one value
 * @example
 * const rules = { '/auth': (request) => (methodOf(request, 'x-original') === 'GET' ? 'nav:x.read' : 'nav:x.write') }
 */
export function methodOf(request: IncomingMessage, source: Source): string {
  if (source === 'request-line') return request.method ?? ''
  return onlyValue(request, `${source}-method`)
}

/** Returns the caller's path and query as the proxy sends them. @throws {Error} as {@link methodOf} */
export function uriOf(request: IncomingMessage, source: Source): string {
  if (source === 'request-line') return request.url ?? ''
  return onlyValue(request, `${source}-uri`)
}

function onlyValue({ headersDistinct }: IncomingMessage, name: string): string {
  const [value, ...others] = headersDistinct[name] ?? []
  if (value === undefined || others.length > 0) throw new Error(`The proxy must send exactly one ${name}`)
  return value
}
