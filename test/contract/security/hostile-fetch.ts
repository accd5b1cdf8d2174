import { inspect } from 'node:util'

/** A `fetch` function supplied by the application. */
type HostileFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Returns the URL, headers and body of a request as text. */
async function saidBy(input: string | URL | Request, init: RequestInit | undefined): Promise<string> {
  const request = new Request(input, init)
  return [request.url, ...[...request.headers].flat(), await request.text()].join(' ')
}

/** A `fetch` that fails with the error that `make` creates from the request. */
function failing(make: (said: string, request: Request) => unknown): HostileFetch {
  return async (input, init) => {
    const said = await saidBy(input, init)
    throw make(said, new Request(input, init))
  }
}

/** Failing `fetch` functions. Each fails with an error that contains the request. */
export const HOSTILE_FETCHES = Object.entries<HostileFetch>({
  'an error message with the request': failing((said) => new TypeError(`cannot send ${said}`)),
  'an error with the request as a member': failing((_, request) =>
    Object.assign(new Error('x'), { request }),
  ),
  'an error with the request in a hidden member': failing((value) =>
    Object.defineProperty(new Error('x'), 'said', { value }),
  ),
  'an error with the request in its name and code': failing((said) =>
    Object.assign(new Error('x'), { name: said, code: said }),
  ),
  'an error with nested causes, as in undici': failing((said) => {
    const socket = Object.assign(new Error(said), { code: 'UND_ERR_SOCKET', socket: { said } })
    return new TypeError('fetch failed', { cause: new Error(said, { cause: socket }) })
  }),
  'an error with several causes, as for several addresses': failing(
    (said) => new TypeError('fetch failed', { cause: new AggregateError([new Error(said)], said) }),
  ),
  'a string with the request': failing((said) => said),
  'an object that prints the request': failing((said) => ({
    toJSON: () => said,
    [inspect.custom]: () => said,
  })),
  'an abort with the request as reason': failing((said) => new DOMException(said, 'AbortError')),
  'an error before it returns a promise': (input, init) => {
    throw new Error(`${input} ${new Headers(init?.headers).get('authorization')} ${init?.body}`)
  },
})

/**
 * `fetch` functions whose responses leak the request: reading the response throws an error that quotes the
 * request, or its status contains the request.
 */
export const HOSTILE_RESPONSES = Object.entries<HostileFetch>({
  'a body that fails': async (input, init) => {
    const said = await saidBy(input, init)
    return new Response(new ReadableStream({ pull: (controller) => controller.error(new Error(said)) }))
  },
  'a response whose status throws': async (input, init) => {
    const said = await saidBy(input, init)
    return Object.defineProperty(new Response('{}'), 'status', {
      get: () => {
        throw new Error(said)
      },
    })
  },
  'a response with the request as status': async (input, init) =>
    Object.defineProperty(new Response('{}'), 'status', { value: await saidBy(input, init) }),
  'a response that cannot be discarded': async (input, init) => {
    const said = await saidBy(input, init)
    const fail = () => {
      throw new Error(said)
    }
    const value = { getReader: fail, cancel: fail }
    return Object.defineProperty(new Response(null, { status: 401 }), 'body', { value })
  },
})
