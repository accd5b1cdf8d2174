import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'

/** Follows the reader's light or dark mode. The contrast is above 7 : 1 in both. */
const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#595959, #b0b0b0); --good: light-dark(#0b5a1e, #8fe3a3); --bad: light-dark(#8a1010, #ffb3b3) }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: light-dark(#111, #eee); background: light-dark(#fff, #111) }
form { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1rem; align-items: baseline }
input, select, textarea, button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); padding: .3rem .5rem; min-width: 0 }
textarea, pre { font-family: ui-monospace, monospace; font-size: .875rem }
textarea { min-height: 6rem } select option { color: #111 }
button { grid-column: 2; justify-self: start; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid light-dark(#0b57d0, #a8c7fa); outline-offset: 2px }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); padding: .5rem }
.passed, .allowed { color: var(--good) } .failed, .refused, .error { color: var(--bad) }
li { margin-bottom: .5rem } .hint { margin: 0; color: inherit }
`

/** Allows only this style. The page loads and runs nothing else, so a pasted token remains text. */
const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`
const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src ${STYLE_HASH}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

export const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
}

export type Markup = ReturnType<typeof html>

/** The templates escape every value that is inserted. */
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
