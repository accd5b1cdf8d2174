import { type RequestOptions, request } from 'node:http'

/** Sends a request with any `Host` header. The `Host` header of `fetch` always matches the URL. */
export const rawRequest = (
  url: string,
  options: RequestOptions = {},
  body = '',
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    request(url, { ...options, agent: false }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, text: (await answer.toArray()).join('') })
    })
      .on('error', reject)
      .end(body)
  })
