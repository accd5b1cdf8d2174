import type { HttpAdapterHost } from '@nestjs/core'

/** What Express adds to Node's response; Fastify's reply is another thing. */
interface ExpressResponse {
  setHeader(name: string, value: string | readonly string[]): unknown
  json(body: unknown): unknown
}

/** Puts a denial's headers on the platform's response, unless somebody has answered meanwhile (a time-out). */
export function setDenialHeaders(
  adapter: HttpAdapterHost['httpAdapter'],
  response: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  if (adapter.isHeadersSent(response)) return
  for (const [name, value] of Object.entries(headers)) {
    adapter.setHeader(response, name, value)
    // The adapter's own name for its platform says what the response is.
    if (name === 'content-type' && adapter.getType() === 'express')
      keepType(response as ExpressResponse, value)
  }
}

/**
 * On Express, NestJS 11 replaces every type of an error's body that is a string and does not begin with
 * `application/json`, and logs a warning each time. It leaves a list alone, which Node writes in the same way;
 * Express wants the string back when it serialises.
 */
function keepType(response: ExpressResponse, type: string): void {
  const { json } = response
  response.setHeader('content-type', [type])
  response.json = (body) => {
    response.setHeader('content-type', type)
    return json.call(response, body)
  }
}
