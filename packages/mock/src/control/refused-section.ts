import { html } from 'hono/html'
import { ERRORS_PATH } from '../grant-refusals.js'
import type { ReceivedRequest } from '../request-log.js'
import type { Markup } from './page-document.js'

/** How many are listed. */
const MOST = 20

/** The latest refused token requests, so that the trace id in a client's log can be looked up. */
export function refusedSection(received: readonly ReceivedRequest[]): Markup {
  const refused = received
    .filter(({ traceId }) => traceId !== undefined)
    .slice(-MOST)
    .reverse()
  return html`<section aria-labelledby="refused-title">
<h2 id="refused-title">Refused token requests</h2>
${refused.length === 0 ? html`<p>None yet.</p>` : html`<ol aria-labelledby="refused-title">${refused.map(item)}</ol>`}
</section>`
}

function item({ at, status, code, traceId, clientId }: ReceivedRequest): Markup {
  const reason = code === undefined ? html`no code` : html`<a href="${ERRORS_PATH}/${code}">${code}</a>`
  const client = clientId === undefined ? 'an unknown client' : html`client <code>${clientId}</code>`
  return html`<li>${new Date(at).toISOString()}: ${status} ${reason}, ${client}, trace id <code>${traceId}</code></li>`
}
