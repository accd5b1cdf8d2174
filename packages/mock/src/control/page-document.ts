import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { PAGE_SCRIPT } from './page-script.js'

/** Follows the reader's light or dark mode. The contrast is above 7 : 1 in both. */
const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#595959, #b0b0b0); --good: light-dark(#0b5a1e, #8fe3a3); --bad: light-dark(#8a1010, #ffb3b3) }
* { box-sizing: border-box }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem; color: light-dark(#111, #eee); background: light-dark(#fff, #111); overflow-wrap: anywhere }
h1, h2, h3 { line-height: 1.25 } h3 { margin: 1.5rem 0 .5rem } h2 { margin: 2rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line) }
a { color: light-dark(#003a8c, #a8c7fa) }
form { display: grid; gap: .75rem } .field { display: grid; gap: .25rem; align-items: start } label, legend { font-weight: 600 }
input, select, textarea, button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .25rem; padding: .5rem; min-width: 0 }
input:not([type]), select, textarea { width: 100% } [aria-invalid] { border: 2px solid var(--bad) }
fieldset { display: grid; gap: .5rem; margin: 0; padding: .5rem .75rem .75rem; border: 1px solid var(--line); border-radius: .25rem; min-width: 0 }
.scopes { max-height: 12rem; overflow: auto } .scopes label { display: flex; gap: .5rem; align-items: center; min-height: 2rem; padding-left: .25rem; font-weight: 400 } [type=checkbox] { width: 1.25rem; height: 1.25rem; flex: none }
textarea, pre, code { font-family: ui-monospace, monospace; font-size: .875rem }
textarea { min-height: 6rem } select option { color: #111 }
button { justify-self: start; padding: .5rem 1rem; border: 2px solid; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid light-dark(#0b57d0, #a8c7fa); outline-offset: 2px }
pre { white-space: pre-wrap; border: 1px solid var(--line); border-radius: .25rem; padding: .5rem; margin: .5rem 0; max-height: 20rem; overflow: auto } #token, #curl { max-height: 8rem }
.copy { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0 } dt { font-weight: 600 } dd { margin: 0 }
.passed, .allowed { color: var(--good) } .failed, .refused, .error { color: var(--bad) }
.failed a { color: inherit } .error, .hint { margin: 0 } .error { font-weight: 600 }
#result { scroll-margin-top: 1rem } ol { padding-left: 2rem } li { margin-bottom: .5rem } .requests { list-style: none; padding: 0 } .requests a { white-space: nowrap } .requests li { padding-bottom: .5rem; border-bottom: 1px solid var(--line) }
@media (min-width: 45rem) { .field { grid-template-columns: 16rem 1fr; gap: .25rem 1rem; align-items: baseline } .field .error { grid-column: 2 } form > button { margin-left: 17rem } }
`

const sourceOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const RESTRICTIONS = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const STYLE_ONLY = `default-src 'none'; style-src ${sourceOf(STYLE)}; ${RESTRICTIONS}`

/** Allows only the style. A page with these headers loads and runs nothing else. */
export const PAGE_HEADERS = {
  'content-security-policy': STYLE_ONLY,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
}

/**
 * Also allows the page's script, by its hash. Script in a pasted token cannot run, and the page's script
 * cannot connect to any address.
 */
export const SCRIPTED_PAGE_HEADERS = {
  ...PAGE_HEADERS,
  'content-security-policy': `${STYLE_ONLY}; script-src ${sourceOf(PAGE_SCRIPT)}`,
}

export type Markup = ReturnType<typeof html>

/** Makes a page without the script. The templates escape every value that is inserted. */
export function pageDocument(title: string, main: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} – Portvakt</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>`
}

/** Makes a page for {@link SCRIPTED_PAGE_HEADERS}. */
export function scriptedPageDocument(title: string, main: Markup): Markup {
  return pageDocument(title, html`${main}\n<script>${raw(PAGE_SCRIPT)}</script>`)
}
