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
import { tableOf } from './table.js'

const CODES = [
  ['missing_token', 'No token'],
  ['invalid_request', 'An ambiguous request'],
  ['invalid_token', 'An invalid token'],
  ['insufficient_scope', 'Another scope'],
  ['access_denied', 'Not permitted'],
  ['temporarily_unavailable', 'An outage'],
] as const

const CALL = 'Call the address from where the API runs. Often a proxy or a login page answers.'

/** The fix for each `upstreamFailure`. The type requires an entry for every failure. */
const UPSTREAM_FAILURES: Readonly<Record<UpstreamFailure, string>> = {
  unreachable:
    'See the system’s error code in the message, and its hint below. In the cloud, NAIS allows calls to Maskinporten.',
  proxy_not_used: 'See [production](production.md#behind-a-proxy).',
  timeout: 'Call the address from where the API runs. A firewall that drops connections causes this.',
  redirected: `Configure the address that it redirects to. ${CALL}`,
  bad_status: 'Maskinporten has an outage (see its status page), or the address is wrong.',
  too_large: CALL,
  not_json: CALL,
  wrong_metadata: 'Compare the issuer, trailing slash included. Set `jwksUri` for keys on another host.',
  no_usable_key:
    'The keys must be public RSA keys with `kid`, of 2048 bits or more, for an algorithm in `algorithms`.',
  not_introspection: 'Check NAIS_TOKEN_INTROSPECTION_ENDPOINT: it is not the address of Texas.',
  no_upstream: 'See Texas’s log. Texas uses the pod’s network to reach Maskinporten.',
  not_enabled: 'Deploy with that setting.',
}

/** The cause and the fix for each error code of the client. */
const CLIENT_CODES: Readonly<Record<MaskinportenClientCode, readonly [cause: string, fix: string]>> = {
  scope_not_registered: [
    'The scope is not registered on this client. Nothing was sent.',
    'Add it to `spec.maskinporten.scopes.consumes`: the `hint` has the line.',
  ],
  request_rejected: [
    "Maskinporten rejected the token request. With `server: 'altinn'`, Altinn rejected the exchange.",
    'See `maskinportenCode`, or the beginning of `description`, below; for Altinn, `status`. Digdir’s support asks for `traceId`.',
  ],
  unavailable: [
    'After up to four attempts, Maskinporten (or Altinn: see `server`) could not be reached, or answered 429 or 5xx.',
    'Try again later (`retryable`). If it continues, see the `hint`, and the system’s error code in `cause`.',
  ],
  signing_failed: [
    'The key could not sign: its `sign` function failed or did not settle in time, or the key is not usable. No token request was sent.',
    'See the `hint`: check that the KMS answers and allows the use of the key.',
  ],
  unexpected_answer: ['The answer is not a token.', CALL],
  not_supported: ['Texas cannot get such a token.', 'Use the client’s own key for `consumerOrg` and `pid`.'],
  insecure_url: ['A token would have been sent over http.', 'Call the API over https.'],
}

/** One row for all system codes that share a hint. */
const connectionRows = [...new Set(Object.values(CONNECTION_HINTS))].map((shared) => {
  const codes = Object.entries(CONNECTION_HINTS).filter(([, hint]) => hint === shared)
  return [codes.map(([code]) => `\`${code}\``).join(', '), shared]
})

function page(): string {
  const sections = CODES.map(([code, title]) => {
    const names = REASON_NAMES.filter((name) => REASONS[name].code === code)
    const [status] = names.map((name) => denialOf(new MaskinportenError(name)).status)
    const table = names.map((name) => [`\`${name}\``, REASONS[name].hint.cause, REASONS[name].hint.fix])
    return `## ${title}: ${status}, \`${code}\`\n\n${tableOf([['reason', 'what it means', 'what to do'], ...table])}\n`
  })
  return `# Troubleshooting

The body of a refusal has the \`reason\`. The event of \`onDecision\` also has a \`hint\`: usually the cause and the fix in the tables below. In these tables, \`claim\` and \`keyProblem\` are members of the event. With \`NODE_DEBUG=portvakt\`, and under \`portvakt run\`, each refusal is one line on standard error. \`validator.explain(token, requirement)\` and \`npx --no-install portvakt explain --scope …\` show every check of one token. \`npx --no-install portvakt doctor\` checks the way to Maskinporten step by step.

Facts about Maskinporten, NAIS and Altinn are as of 2026-11-29.

${sections.join('\n')}
## Why keys, or Texas, are unavailable

The failure is \`upstreamFailure\` in the event and \`lastFailure.reason\` in \`health()\`:

${tableOf([
  ['upstreamFailure', 'what it means', 'what to do'],
  ...Object.entries(UPSTREAM_FAILURES).map(([name, fix]) => [
    `\`${name}\``,
    `${new UpstreamError(name as UpstreamFailure).message}.`,
    fix,
  ]),
])}

The system’s error code, such as \`ECONNREFUSED\`, is \`upstreamFailureCode\` in the event and \`lastFailure.code\` in \`health()\`. For a \`MaskinportenClientError\`, it is in \`cause\`:

${tableOf([['code', 'what to do'], ...connectionRows])}

## Why a published key is not used

An event with \`unusable_key\` has the \`keyProblem\`. \`unusableKeys\` in \`health()\` lists up to ten such keys:

${tableOf([['keyProblem', 'the key is published, but'], ...Object.entries(KEY_PROBLEMS).map(([name, text]) => [`\`${name}\``, text])])}

## When you call: a \`MaskinportenClientError\`

${tableOf([
  ['code', 'what it means', 'what to do'],
  ...Object.entries(CLIENT_CODES).map(([code, texts]) => [`\`${code}\``, ...texts]),
])}

${tableOf([
  ['maskinportenCode', 'what it means', 'what to do'],
  ...KNOWN_REFUSALS.flatMap(({ code, hint }) => (code === undefined ? [] : [[code, hint.cause, hint.fix]])),
])}

Some refusals by Maskinporten, and the refusals that Texas makes itself, have no code:

${tableOf([
  ['sentence in `description`', 'what it means', 'what to do'],
  ...KNOWN_REFUSALS.flatMap(({ code, sentence, hint }) =>
    code === undefined ? [[String(sentence), hint.cause, hint.fix]] : [],
  ),
])}

Refusals with \`server: 'altinn'\`, of [the token exchange](../packages/client/README.md#altinns-apis):

${tableOf([
  ['status', 'what it means', 'what to do'],
  ...Object.entries(ALTINN_REFUSALS).map(([status, { cause, fix }]) => [status, cause, fix]),
])}

## When you compile

TypeScript reports TS1479 or TS1471 in a CommonJS project with \`module\` set to \`node16\` or \`node18\`. Set \`module\` to \`node20\` or \`nodenext\`: every supported version of Node can load the packages with \`require\`.

## At start-up

If the application stops with a \`TypeError\` when it starts, the error names the option or variable that is missing or wrong. A 500 is caused by your own \`authorize\`, \`pid\` or requirement function: see your error handler.
`
}

it('the troubleshooting guide lists every reason with the same hint as in events', async () => {
  expect(REASON_NAMES.length).toBeGreaterThan(30)
  // `vitest run test/docs -u` rewrites the file.
  await expect(page()).toMatchFileSnapshot('../../docs/troubleshooting.md')
})
