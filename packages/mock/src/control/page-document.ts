import { html, raw } from 'hono/html'
import { STYLE } from './page-style.js'

export type Markup = ReturnType<typeof html>

/** A whole page of the mock. The templates escape every value. */
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
