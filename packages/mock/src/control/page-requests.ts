import { html } from 'hono/html'
import type { EndpointName } from '../maskinporten/endpoints.js'
import { ERRORS_PATH } from '../maskinporten/grant-refusals.js'
import type { ReceivedRequest } from '../maskinporten/request-log.js'
import type { Markup } from './page-document.js'
import { timeElement } from './page-time.js'

const ENDPOINTS: Readonly<Record<EndpointName, string>> = {
  metadata: 'Metadata',
  jwk: 'Keys',
  token: 'Token',
}

/** The paths of Texas's endpoints, for the default client and for other clients. */
const TEXAS_PATH = /^(?:\/texas\/[^/]+)?\/api\/v1\/(token|token\/exchange|introspect)$/

const TEXAS_ENDPOINTS: Readonly<Record<string, string>> = {
  token: 'Token from Texas',
  'token/exchange': 'Token exchange by Texas',
  introspect: 'Introspection by Texas',
}

const ALTINN_PATH = '/authentication/api/v1/exchange/maskinporten'

/** Maximum number of requests in the list. */
const LONGEST = 50

/**
 * Lists the latest requests to known endpoints, newest first, for looking up a trace id from a client's log.
 * Does not show paths, because a caller can write anything in a path.
 *
 * @param isReloaded whether the list was reloaded, and so gets the focus
 */
export function requestsSection(received: readonly ReceivedRequest[], isReloaded: boolean): Markup {
  const known = received.filter((request) => nameOf(request) !== undefined)
  const latest = known.slice(-LONGEST).reverse()
  const focus = isReloaded ? html` tabindex="-1" autofocus` : ''
  const list = html`<ol class="requests" aria-labelledby="requests-title">${latest.map(item)}</ol>`
  return html`<section aria-labelledby="requests-title">
<h2 id="requests-title"${focus}>Latest requests</h2>
<p>The last ${LONGEST} requests for tokens, introspection, keys and metadata.
<a href="/?requests">Reload the list</a></p>
${latest.length === 0 ? html`<p>None yet.</p>` : list}
</section>`
}

function nameOf({ endpoint, method, path }: ReceivedRequest): string | undefined {
  if (endpoint !== undefined) return ENDPOINTS[endpoint]
  if (method === 'GET' && path === ALTINN_PATH) return 'Exchange by Altinn'
  const [, texas = ''] = TEXAS_PATH.exec(path) ?? []
  return method === 'POST' ? TEXAS_ENDPOINTS[texas] : undefined
}

function item(request: ReceivedRequest): Markup {
  const { at, clientId, traceId } = request
  return html`<li>${timeElement(at)} <strong>${nameOf(request)}</strong>: ${outcome(request)}${
    clientId === undefined ? '' : html`, client <code>${clientId}</code>`
  }${traceId === undefined ? '' : html`, trace id <code>${traceId}</code>`}</li>`
}

function outcome({ status, code, isActive, isFaulty }: ReceivedRequest): Markup {
  const isGood = status !== undefined && status < 400 && isActive !== false
  const answer = status ?? 'no answer'
  const reason = code === undefined ? '' : html` <a href="${ERRORS_PATH}/${code}">${code}</a>`
  const verdict = isActive === undefined ? '' : isActive ? ' active' : ' inactive'
  const fault = isFaulty ? ', with a fault' : ''
  return html`<span class="${isGood ? 'passed' : 'failed'}">${answer}${reason}${verdict}</span>${fault}`
}
