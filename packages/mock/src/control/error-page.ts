import type { Context } from 'hono'
import { html } from 'hono/html'
import { type GrantErrorCode, refusalOf } from '../maskinporten/grant-refusals.js'
import { PAGE_HEADERS, pageDocument } from './page-document.js'

/** Answers with the page at `error_uri`, which explains an error code and how to fix the error. */
export function answerErrorPage(context: Context, code: GrantErrorCode): Response | Promise<Response> {
  const { error, status, sentence, fix } = refusalOf(code)
  const page = pageDocument(
    code,
    html`<h1>${code}</h1>
<p>The token endpoint answers ${status} <code>${error}</code>:</p>
<pre>${sentence.replace(/\{(\w+)\}/g, (_match, name: string) => name.toUpperCase())}</pre>
<h2>What to do</h2>
<p>${fix}</p>
<p>After the first sentence, <code>error_description</code> of the answer says what this mock expected. <a href="/">The mock’s page</a> lists refused token requests by their trace id.</p>
<p>Digdir’s explanations: <a href="https://docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking">docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking</a></p>`,
  )
  return context.html(page, 200, PAGE_HEADERS)
}
