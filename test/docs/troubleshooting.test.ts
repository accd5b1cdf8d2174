import type { MaskinportenClientCode } from '@portvakt/client'
import { MaskinportenError, type UpstreamFailure } from '@portvakt/core'
import { denialOf } from '@portvakt/core/adapter'
import { expect, it } from 'vitest'
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

const ASK =
  'Ask the address by hand, from where the API runs, and see who answers: a proxy or a login page often does.'

/** What to do about each `upstreamFailure`; a new one does not compile without a line here. */
const KEY_FAILURES: Readonly<Record<UpstreamFailure, string>> = {
  unreachable:
    'The message has the platform’s code and its hint, below. On NAIS in the cloud, Maskinporten is opened for you.',
  proxy_not_used:
    'Tell Node to use the proxy, or pass a `fetch` that does: see [production](production.md#behind-a-proxy).',
  timeout:
    'A firewall that drops connections ends in this way: ask the address by hand, from where the API runs.',
  redirected: `Name the address that it leads to. ${ASK}`,
  bad_status: 'Maskinporten’s own outage (see its status page), or a wrong address.',
  too_large: ASK,
  not_json: ASK,
  wrong_metadata: 'Compare the issuer, trailing slash included; keys on another host are named by `jwksUri`.',
  no_usable_key:
    'It wants public RSA keys with `kid`, of 2048 bits or more, for an algorithm in `algorithms`.',
  not_introspection: 'NAIS_TOKEN_INTROSPECTION_ENDPOINT leads to something else than Texas.',
  no_upstream: 'Texas’s own log has the cause; its way to Maskinporten is that of the pod.',
  not_enabled: 'Set `spec.maskinporten.enabled: true` in nais.yaml.',
}

/** The same of what a client is told. */
const CLIENT_CODES: Readonly<Record<MaskinportenClientCode, readonly [cause: string, fix: string]>> = {
  scope_not_registered: [
    'The scope is not among those registered on this client; nothing was sent.',
    'Add it to `spec.maskinporten.scopes.consumes`: the `hint` has the line.',
  ],
  request_rejected: [
    'Maskinporten rejected the token request.',
    'See `maskinportenCode`, or the beginning of `description`, below. Digdir’s support asks for `traceId`.',
  ],
  unavailable: [
    'Maskinporten could not be reached, or answered with an error of its own, until the time was up.',
    'Try again later (`retryable`); if it goes on, see the `hint`, and the platform’s code in `cause`.',
  ],
  signing_failed: [
    'The key could not sign: its `sign` function failed or did not settle in time, or the key is not usable. Nothing was sent.',
    'See the `hint`: check that the KMS answers and allows the use of the key.',
  ],
  unexpected_answer: ['The answer is not a token response.', ASK],
  not_supported: ['Texas cannot get such a token.', 'Use the client’s own key for `consumerOrg` and `pid`.'],
  insecure_url: ['A token would have been sent over http.', 'Call the API over https.'],
}

function page(): string {
  const sections = CODES.map(([code, title]) => {
    const names = REASON_NAMES.filter((name) => REASONS[name].code === code)
    const [status] = names.map((name) => denialOf(new MaskinportenError(name)).status)
    const table = names.map((name) => [`\`${name}\``, REASONS[name].hint.cause, REASONS[name].hint.fix])
    return `## ${title}: ${status}, \`${code}\`\n\n${tableOf([['reason', 'what it means', 'what to do'], ...table])}\n`
  })
  return `# Troubleshooting

The \`reason\` is in the body of a refusal, and in the event of \`onDecision\` with these texts as \`hint\`. To see every check of one token, use \`validator.explain(token, requirement)\` or \`npx --no-install portvakt explain TOKEN --scope …\`. With \`NODE_DEBUG=portvakt\` each refusal is one line on standard error, and under \`portvakt run\` too.

What this page says about Maskinporten, NAIS and Altinn was read on 2026-11-29.

${sections.join('\n')}
## Why keys, or Texas, are unavailable

\`upstreamFailure\` in the event, \`lastFailure.reason\` in \`health()\`. The platform’s own code, such as \`ECONNREFUSED\` or \`CERT_HAS_EXPIRED\`, is in \`upstreamFailureCode\` and \`lastFailure.code\`:

${tableOf([
  ['upstreamFailure', 'what it means', 'what to do'],
  ...Object.entries(KEY_FAILURES).map(([name, fix]) => [
    `\`${name}\``,
    `${new UpstreamError(name as UpstreamFailure).message}.`,
    fix,
  ]),
])}

The platform’s codes, in events, in \`health()\` and in the \`cause\` of a \`MaskinportenClientError\`:

${tableOf([['code', 'what to do'], ...Object.entries(CONNECTION_HINTS).map(([code, hint]) => [`\`${code}\``, hint])])}

## Why a published key is not used

\`keyProblem\` in the event, with \`unusable_key\`; \`unusableKeys\` in \`health()\` lists up to ten such keys:

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

Some refusals have no code. Texas, too, answers in words of its own:

${tableOf([
  ['sentence in `description`', 'what it means', 'what to do'],
  ...KNOWN_REFUSALS.flatMap(({ code, sentence, hint }) =>
    code === undefined ? [[String(sentence), hint.cause, hint.fix]] : [],
  ),
])}

## At start-up

A \`TypeError\` when the application starts names the option or variable that is missing or wrong. A 500 is an error of your own \`authorize\`, \`pid\` or requirement function: see your error handler.
`
}

it('the guide to troubleshooting has every reason, with the hint that events carry', async () => {
  expect(REASON_NAMES.length).toBeGreaterThan(30)
  // Rewritten by `vitest run test/docs -u`.
  await expect(page()).toMatchFileSnapshot('../../docs/troubleshooting.md')
})
