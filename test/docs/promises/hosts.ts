import { at, core, promised } from './case.js'

const wrapper = (...titles: readonly string[]) => at('test/serverless/wrappers.test.ts', ...titles)
const mockRequest = (...titles: readonly string[]) => at('test/serverless/request-mocks.test.ts', ...titles)
const connect = (...titles: readonly string[]) => at('packages/express/test/connect-hosts.test.ts', ...titles)
const graphql = (...titles: readonly string[]) => at('packages/nestjs/test/graphql.test.ts', ...titles)

/** SECURITY.md: what differs by the host. */
export const HOSTS = [
  promised(
    'Where the host keeps only one of several Authorization headers, or joins them without a comma, the guard cannot answer 400: it decides on what the host hands over.',
    wrapper('called by an ALB with multi-value headers'),
  ),
  promised(
    'A Node request with an empty `rawHeaders` has its token read from `headers`.',
    wrapper('serves a good token'),
    mockRequest('passes Express with a good token, and gets an answer without one'),
  ),
  promised(
    'Serverless wrappers (`serverless-http`) and request mocks build requests without `rawHeaders`, and refusing them refuses every call.',
    wrapper('serves a good token', 'answers 401 with a bare challenge without a token'),
    mockRequest('is served by a whole Express application'),
  ),
  promised(
    'Over HTTP, `rawHeaders` is empty only for a request without any header (HTTP/1.0); then `headers` holds only what the application itself wrote there.',
    core('http/bearer', 'come from a non-empty `rawHeaders` alone'),
  ),
  promised(
    'A non-empty `rawHeaders` remains the only authority.',
    core('http/bearer', 'come from a non-empty `rawHeaders` alone'),
  ),
  promised(
    "The Express guard also runs on hosts that lack Express's own methods (connect, polka, `@fastify/middie`), where a refusal would otherwise be a 500.",
    connect('a request without a token gets the denial', 'a missing scope gets 403'),
  ),
  promised(
    'It uses only `statusCode`, `setHeader`, `removeHeader` and `end`, and its decision is the same.',
    connect('a good token is served', 'two Authorization headers get 400', 'a missing scope gets 403'),
  ),
  promised(
    'In NestJS, a guarded GraphQL resolver is decided by the HTTP request of its operation, because every resolver of the operation was sent with it.',
    graphql('gets the token of its HTTP request', 'is refused with status, challenge and code in the error'),
  ),
  promised(
    'What arrives over a WebSocket, subscriptions included, stays refused: a connection outlives the token that opened it.',
    graphql('a subscription is refused, and the log says once that the guard is for HTTP'),
  ),
]

/** README.md, “Known limits”: hosts that hand over one of two headers. */
export const FOLDED_HEADERS = [
  promised(
    'Some hosts hand over one of two Authorization headers, or join them so that they cannot be told apart: the answer is then 200 or 401 in place of 400.',
    wrapper('called by an ALB with multi-value headers'),
  ),
]
