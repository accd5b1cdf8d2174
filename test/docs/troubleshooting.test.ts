import type { MaskinportenClientCode } from '@portvakt/client'
import { MaskinportenError, type UpstreamFailure } from '@portvakt/core'
import { denialOf } from '@portvakt/core/adapter'
import { expect, it } from 'vitest'
import { ALTINN_REFUSALS } from '../../packages/client/src/altinn-exchange.js'
import { KNOWN_REFUSALS } from '../../packages/client/src/known-refusals.js'
import { KEY_PROBLEMS } from '../../packages/core/src/errors/key-problem.js'
import { REASONS } from '../../packages/core/src/errors/reasons/reasons.js'
import { CONNECTION_HINTS } from '../../packages/core/src/platform/connection-hint.js'
import { UpstreamError } from '../../packages/core/src/platform/fetch-json.js'
import { REASON_NAMES } from '../../packages/core/test/reasons.js'
import { read } from './blocks.js'
import { tableIn, tableOf } from './table.js'

/** Every `upstreamFailure`, in the order of the table. The type requires all of them. */
const UPSTREAM_FAILURES: Readonly<Record<UpstreamFailure, true>> = {
  unreachable: true,
  proxy_not_used: true,
  timeout: true,
  redirected: true,
  bad_status: true,
  too_large: true,
  not_json: true,
  wrong_metadata: true,
  no_usable_key: true,
  not_introspection: true,
  no_upstream: true,
  not_enabled: true,
}
/** Every error code of the client, in the order of the table. The type requires all of them. */
const CLIENT_CODES: Readonly<Record<MaskinportenClientCode, true>> = {
  scope_not_registered: true,
  request_rejected: true,
  unavailable: true,
  signing_failed: true,
  unexpected_answer: true,
  not_supported: true,
  insecure_url: true,
}

type Rows = readonly (readonly string[])[]
const namesOf = <Name extends string>(all: Readonly<Record<Name, unknown>>) => Object.keys(all) as Name[]
const quoted = (name: string) => `\`${name}\``

/** Replaces the rows of the first table after a text of the page. */
function withRows(page: string, after: string, rows: (written: Rows) => Rows): string {
  expect(page).toContain(after)
  const start = page.indexOf('\n| ', page.indexOf(after)) + 1
  const end = page.indexOf('\n\n', start)
  const [head = [], ...written] = tableIn(page.slice(start, end))
  return page.slice(0, start) + tableOf([head, ...rows(written)]) + page.slice(end)
}

/** The texts that the page itself has in the row of a name. */
const textsOf = (written: Rows, name: string) =>
  written.find(([cell]) => cell === quoted(name))?.slice(1) ?? []

/** The tables that repeat texts of the source, each with the text above the table. */
const TABLES: readonly (readonly [after: string, rows: (written: Rows) => Rows])[] = [
  ...REASON_NAMES.map((name): (typeof TABLES)[number] => {
    const { code } = REASONS[name]
    const names = REASON_NAMES.filter((one) => REASONS[one].code === code)
    const rows = names.map((one) => [quoted(one), REASONS[one].hint.cause, REASONS[one].hint.fix])
    return [`: ${denialOf(new MaskinportenError(name)).status}, ${quoted(code)}\n`, () => rows]
  }),
  [
    '## Why keys, or Texas, are unavailable',
    (written) =>
      namesOf(UPSTREAM_FAILURES).map((name) => {
        const message = `${new UpstreamError(name).message}.`
        return [quoted(name), message, ...textsOf(written, name).slice(1)]
      }),
  ],
  [
    'it is in `cause`:',
    () =>
      [...new Set(Object.values(CONNECTION_HINTS))].map((hint) => {
        const codes = Object.entries(CONNECTION_HINTS).flatMap(([code, one]) => (one === hint ? [code] : []))
        return [codes.map(quoted).join(', '), hint]
      }),
  ],
  [
    '## Why a published key is not used',
    () => Object.entries(KEY_PROBLEMS).map(([name, text]) => [quoted(name), text]),
  ],
  [
    '## When you call',
    (written) => namesOf(CLIENT_CODES).map((code) => [quoted(code), ...textsOf(written, code)]),
  ],
  [
    '\n\n| maskinportenCode',
    () => KNOWN_REFUSALS.flatMap(({ code, hint }) => (code ? [[code, hint.cause, hint.fix]] : [])),
  ],
  [
    'have no code:',
    () =>
      KNOWN_REFUSALS.flatMap(({ code, sentence, hint }) =>
        code ? [] : [[String(sentence), hint.cause, hint.fix]],
      ),
  ],
  [
    'Refusals with `server: ',
    () => Object.entries(ALTINN_REFUSALS).map(([status, { cause, fix }]) => [status, cause, fix]),
  ],
]

it('the troubleshooting guide lists every reason with the same hint as in events', async () => {
  expect(REASON_NAMES.length).toBeGreaterThan(30)
  const page = TABLES.reduce(
    (text, [after, rows]) => withRows(text, after, rows),
    read('docs/troubleshooting.md'),
  )
  // `vitest run test/docs -u` rewrites the file.
  await expect(page).toMatchFileSnapshot('../../docs/troubleshooting.md')
})
