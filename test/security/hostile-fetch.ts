import { inspect } from 'node:util'

/** The standard `fetch`, as an application may replace it. */
export type HostileFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Everything that a request says: address, headers and body. */
async function saidBy(input: string | URL | Request, init: RequestInit | undefined): Promise<string> {
  const request = new Request(input, init)
  return [request.url, ...[...request.headers].flat(), await request.text()].join(' ')
}

/** Fails in a way that quotes the request. */
function failing(make: (said: string, request: Request) => unknown): HostileFetch {
  return async (input, init) => {
    const said = await saidBy(input, init)
    throw make(said, new Request(input, init))
  }
}

const withMembers = (members: object) => Object.assign(new Error('failed'), members)

/** Ways in which a `fetch` fails, each of which shows the request to anyone who reads the error. */
export const HOSTILE_FETCHES: readonly (readonly [title: string, fetch: HostileFetch])[] = [
  ['an error that quotes it', failing((said) => new TypeError(`cannot send ${said}`))],
  ['an error with the request as a member', failing((_, request) => withMembers({ request }))],
  ['an error with its configuration', failing((said) => withMembers({ config: { headers: { said } } }))],
  [
    'an error with a hidden member',
    failing((value) => Object.defineProperty(new Error('x'), 'said', { value })),
  ],
  ['an error with a symbol', failing((said) => withMembers({ [Symbol('said')]: said }))],
  ['an error with its bytes', failing((said) => withMembers({ sent: new TextEncoder().encode(said) }))],
  ['a name and a code that quote it', failing((said) => withMembers({ name: said, code: said }))],
  ['a stack that quotes it', failing((said) => withMembers({ stack: `Error: ${said}\n    at fetch` }))],
  [
    'causes of causes, as undici’s',
    failing((said) => {
      const socket = Object.assign(new Error(said), { code: 'UND_ERR_SOCKET', socket: { said } })
      return new TypeError('fetch failed', { cause: new Error(said, { cause: socket }) })
    }),
  ],
  [
    'several causes, as of several addresses',
    failing((said) => new TypeError('fetch failed', { cause: new AggregateError([new Error(said)], said) })),
  ],
  ['a text', failing((said) => said)],
  ['an object that shows it', failing((said) => ({ toJSON: () => said, [inspect.custom]: () => said }))],
  ['an abort for a reason that quotes it', failing((said) => new DOMException(said, 'AbortError'))],
  [
    'an error that is thrown, and not a rejection',
    (input, init) => {
      throw new Error(`${input} ${new Headers(init?.headers).get('authorization')} ${init?.body}`)
    },
  ],
]

/** Responses that fail, or quote the request, when they are read. */
export const HOSTILE_RESPONSES: typeof HOSTILE_FETCHES = [
  [
    'a body that breaks',
    async (input, init) => {
      const said = await saidBy(input, init)
      return new Response(new ReadableStream({ pull: (controller) => controller.error(new Error(said)) }))
    },
  ],
  [
    'a response without a status',
    async (input, init) => {
      const said = await saidBy(input, init)
      return Object.defineProperty(new Response('{}'), 'status', {
        get: () => {
          throw new Error(said)
        },
      })
    },
  ],
  [
    'a response with a status that quotes it',
    async (input, init) =>
      Object.defineProperty(new Response('{}'), 'status', { value: await saidBy(input, init) }),
  ],
  [
    'a response that cannot be discarded',
    async (input, init) => {
      const said = await saidBy(input, init)
      const body = {
        getReader: () => {
          throw new Error(said)
        },
        cancel: () => {
          throw new Error(said)
        },
      }
      return Object.defineProperty(new Response(null, { status: 401 }), 'body', { value: body })
    },
  ],
]
