import type { CheckReport, Explanation } from '@portvakt/core'
import { html, raw } from 'hono/html'
import { ERRORS_PATH } from '../maskinporten/grant-refusals.js'
import type { ReceivedRequest } from '../maskinporten/request-log.js'
import { type Markup, pageDocument } from './page-document.js'

/** The submitted values of a form, or the initial values. */
export type Fields = Readonly<Record<string, string>>

export interface PageResult {
  readonly minted?: Readonly<Record<'token' | 'header' | 'claims' | 'curl', string>>
  readonly explanation?: Explanation
  readonly error?: string
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
}

/** The templates escape every value that is inserted. */
export function page({ issuer, exposed, kinds, mint, inspect, result, received }: PageParts): Markup {
  const title = result.minted ? 'A token' : result.explanation ? 'A token, explained' : 'A mock Maskinporten'
  const main = html`<h1>A mock Maskinporten</h1>
<p>Its issuer is <code>${issuer}</code>. It gives tokens to every caller.</p>
<p>Exposed scopes: ${exposed.map((name) => html`<code>${name}</code> `)}</p>
${result.error === undefined ? '' : html`<p class="error" role="alert">${result.error}</p>`}
${mintSection(kinds, mint, result)}
${inspectSection(inspect, result)}
${refusedSection(received)}`
  return pageDocument(title, main)
}

function mintSection(kinds: readonly TokenKind[], fields: Fields, { minted }: PageResult): Markup {
  return html`<section aria-labelledby="mint-title">
<h2 id="mint-title">Mint a token</h2>
<form method="post" action="/portvakt/mint">
${input('scope', 'Scopes, separated by spaces', fields, true)}
${input('consumer', 'Consumer, an organisation number', fields)}
${input('supplier', 'Supplier, an organisation that calls on behalf of the consumer', fields)}
${input('audience', 'Audience, a URI', fields)}
${input('pid', 'Person, eleven digits', fields)}
${input('expiresIn', 'Lifetime in seconds', fields)}
<label for="kind">Kind</label>
<select id="kind" name="kind">${kinds.map(
    ([name, meaning]) =>
      html`<option value="${name}"${name === fields['kind'] ? raw(' selected') : ''}>${name}: ${meaning}</option>`,
  )}</select>
<button>Mint</button>
</form>
${
  minted === undefined
    ? ''
    : html`<h3 id="minted">The token</h3>
<pre id="token" aria-labelledby="minted" tabindex="0">${minted.token}</pre>
<h3>Header and claims</h3>
<pre id="claims" tabindex="0">${minted.header}
${minted.claims}</pre>
<h3>With curl</h3>
<pre id="curl" tabindex="0">${minted.curl}</pre>`
}
</section>`
}

function inspectSection(fields: Fields, { explanation }: PageResult): Markup {
  return html`<section aria-labelledby="inspect-title">
<h2 id="inspect-title">Explain a token</h2>
<form method="post" action="/portvakt/inspect">
<label for="inspect-token">Token</label>
<textarea id="inspect-token" name="token" required spellcheck="false" autocomplete="off">${fields['token'] ?? ''}</textarea>
<label for="inspect-required">Required scopes</label>
<input id="inspect-required" name="required" required value="${fields['required'] ?? ''}">
<label for="inspect-audience">Accepted audience, if any</label>
<input id="inspect-audience" name="accepted" value="${fields['accepted'] ?? ''}">
<button>Explain</button>
</form>
${explanation === undefined ? '' : verdict(explanation)}
</section>`
}

function verdict({ verdict: outcome, reason, checks }: Explanation): Markup {
  return html`<h3 id="verdict" class="${outcome}">${outcome}${reason === undefined ? '' : `: ${reason}`}</h3>
<ol aria-labelledby="verdict">${checks.map(report)}</ol>`
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

function input(name: string, label: string, fields: Fields, isRequired = false): Markup {
  return html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${fields[name] ?? ''}" autocomplete="off"${isRequired ? raw(' required') : ''}>`
}

/** Lists the latest 20 refused token requests, in which to look up the trace id from a client's log. */
function refusedSection(received: readonly ReceivedRequest[]): Markup {
  const refused = received
    .filter(({ traceId }) => traceId !== undefined)
    .slice(-20)
    .reverse()
  return html`<section aria-labelledby="refused-title">
<h2 id="refused-title">Refused token requests</h2>
${refused.length === 0 ? html`<p>None yet.</p>` : html`<ol aria-labelledby="refused-title">${refused.map(refusedRequest)}</ol>`}
</section>`
}

function refusedRequest({ at, status, code, traceId, clientId }: ReceivedRequest): Markup {
  const reason = code === undefined ? html`no code` : html`<a href="${ERRORS_PATH}/${code}">${code}</a>`
  const client = clientId === undefined ? 'an unknown client' : html`client <code>${clientId}</code>`
  return html`<li>${new Date(at).toISOString()}: ${status} ${reason}, ${client}, trace id <code>${traceId}</code></li>`
}
