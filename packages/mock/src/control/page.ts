import type { CheckReport, Explanation } from '@portvakt/core'
import { html, raw } from 'hono/html'
import type { ReceivedRequest } from '../maskinporten/request-log.js'
import { type Markup, scriptedPageDocument } from './page-document.js'
import { type Fields, type Form, field, input, scopePicker } from './page-fields.js'
import { requestsSection } from './page-requests.js'
import { tokenTimes } from './page-time.js'

export interface PageResult {
  readonly minted?: Readonly<Record<'token' | 'header' | 'claims' | 'curl', string>>
  readonly explanation?: Explanation
  readonly mintErrors?: Fields
  readonly inspectErrors?: Fields
}

export type TokenKind = readonly [name: string, meaning: string]

interface PageParts {
  readonly issuer: string
  readonly exposed: readonly string[]
  readonly kinds: readonly TokenKind[]
  readonly mint: Fields
  readonly inspect: Fields
  readonly result: PageResult
  readonly received: readonly ReceivedRequest[]
  readonly isReloaded: boolean
  /** The mock's time, in milliseconds since the epoch. */
  readonly now: number
}

/** The templates escape every value that is inserted. */
export function page(parts: PageParts): Markup {
  const { minted, explanation, mintErrors, inspectErrors } = parts.result
  const state = minted ? 'A token' : explanation ? 'A token, explained' : 'A mock Maskinporten'
  const main = html`<h1>A mock Maskinporten</h1>
<p>Its issuer is <code>${parts.issuer}</code>. It gives tokens to every caller.</p>
${mintSection(parts)}
${inspectSection(parts)}
${requestsSection(parts.received, parts.isReloaded)}`
  return scriptedPageDocument(`${mintErrors || inspectErrors ? 'Error: ' : ''}${state}`, main)
}

/** The id of the result of a submitted form. The browser scrolls to the result and focuses it. */
const RESULT = 'result'

function mintSection({ kinds, exposed, mint, result, now }: PageParts): Markup {
  const form: Form = { prefix: '', values: mint, errors: result.mintErrors ?? {} }
  const options = kinds.map(
    ([name, meaning]) =>
      html`<option value="${name}"${name === mint['kind'] ? raw(' selected') : ''}>${name}: ${meaning}</option>`,
  )
  return html`<section aria-labelledby="mint-title">
<h2 id="mint-title">Mint a token</h2>
<form method="post" action="/portvakt/mint#${RESULT}">
${scopePicker(form, 'scope', 'Scopes', exposed)}
${input(form, 'consumer', 'Consumer, an organisation number', 'numeric')}
${input(form, 'supplier', 'Supplier, an organisation that calls on behalf of the consumer', 'numeric')}
${input(form, 'audience', 'Audience, a URI', 'url')}
${input(form, 'pid', 'Person, eleven digits', 'numeric')}
${input(form, 'expiresIn', 'Lifetime in seconds')}
${field(form, 'kind', 'Kind', (attributes) => html`<select ${attributes}>${options}</select>`)}
${input(form, 'api', 'Address of your API, for curl', 'url')}
<button>Mint</button>
</form>
${result.minted === undefined ? '' : mintedToken(result.minted, now)}
</section>`
}

function mintedToken(
  { token, header, claims, curl }: NonNullable<PageResult['minted']>,
  now: number,
): Markup {
  return html`<h3 id="${RESULT}" tabindex="-1">The token</h3>
${tokenTimes(token, now)}
<pre id="token" aria-labelledby="${RESULT}" tabindex="0">${token}</pre>
${copyButton('token', 'Copy the token')}
<h3 id="curl-title">With curl</h3>
<pre id="curl" aria-labelledby="curl-title" tabindex="0">${curl}</pre>
${copyButton('curl', 'Copy the command')}
<h3 id="claims-title">Header and claims</h3>
<pre id="claims" aria-labelledby="claims-title" tabindex="0">${header}
${claims}</pre>`
}

/** A button that is hidden until the page's script shows it. */
function copyButton(id: string, label: string): Markup {
  return html`<div class="copy"><button type="button" data-copies="${id}" hidden>${label}</button><span role="status"></span></div>`
}

function inspectSection({ exposed, inspect, result, now }: PageParts): Markup {
  const form: Form = { prefix: 'inspect-', values: inspect, errors: result.inspectErrors ?? {} }
  const { token = '' } = inspect
  return html`<section aria-labelledby="inspect-title">
<h2 id="inspect-title">Explain a token</h2>
<form method="post" action="/portvakt/inspect#${RESULT}">
${field(
  form,
  'token',
  'Token',
  (attributes) => html`<textarea ${attributes} spellcheck="false" autocomplete="off">${token}</textarea>`,
)}
${scopePicker(form, 'required', 'Required scopes', exposed)}
${input(form, 'accepted', 'Accepted audience, if any', 'url')}
<button>Explain</button>
</form>
${result.explanation === undefined ? '' : verdict(result.explanation, tokenTimes(token, now))}
</section>`
}

function verdict({ verdict: outcome, reason, checks }: Explanation, times: Markup | ''): Markup {
  return html`<h3 id="${RESULT}" tabindex="-1" class="${outcome}">${outcome}${reason === undefined ? '' : `: ${reason}`}</h3>
${times}
<ol aria-labelledby="${RESULT}">${checks.map(report)}</ol>`
}

const WORDS: Readonly<Record<CheckReport['outcome'], string>> = {
  passed: 'passed',
  failed: 'failed',
  undecided: 'undecided',
  not_reached: 'not reached',
}

function report({ check, outcome, decisive, expected, hint }: CheckReport): Markup {
  const word = decisive === false ? 'would fail too' : WORDS[outcome]
  return html`<li><strong>${check}</strong> <span class="${outcome}">${word}</span> – ${expected}${
    hint === undefined ? '' : html`<p class="hint">${hint.cause} ${hint.fix}</p>`
  }</li>`
}
