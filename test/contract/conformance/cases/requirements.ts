import { AUDIENCE, READ, WRITE, WRITER } from '../api.js'
import { authorization, byToken, type Case, FAILED, invalid, lacks, missing } from '../case.js'

const SCOPES = 'RFC 6749 §3.3'
const REFUSALS = 'RFC 6750 §3.1'
const RESOURCES = 'RFC 8707 §2'
const OWN_ERRORS = 'the framework’s own error handling'
const WRONG_AUDIENCE = invalid('wrong_audience')
const BOTH = `${READ} ${WRITE}`

const computedBy = (scope: string) => (token: string) =>
  [...authorization(`Bearer ${token}`), ['x-scope', scope]] as const

export const REQUIREMENT_CASES: readonly Case[] = [
  ...byToken('/read', [
    ['a scope that begins with the required one', SCOPES, { scope: `${READ}.more` }, lacks(READ)],
    ['the required scope in capitals', SCOPES, { scope: READ.toUpperCase() }, lacks(READ)],
    [
      'a scope without its prefix, as in nais.yaml,',
      'NAIS, scope naming',
      { scope: 'x.read' },
      lacks(READ, 'nais_scope_name'),
    ],
    ['a token without scopes', REFUSALS, { scope: '' }, lacks(READ)],
  ]),

  ...byToken('/write', [
    ['a token with the scopes of both guards of a route', REFUSALS, { scope: BOTH, consumer: WRITER }],
    [
      'a token without the scope of the first guard',
      REFUSALS,
      { scope: WRITE, consumer: WRITER },
      { ...lacks(READ), stacked: true },
    ],
    [
      'a token without the scope of the second guard',
      REFUSALS,
      { scope: READ, consumer: WRITER },
      { ...lacks(WRITE), stacked: true },
    ],
    [
      'a consumer that is not on the list',
      'Digdir, access control by consumer',
      { scope: BOTH },
      'consumer_not_allowed',
    ],
  ]),

  ...byToken('/audience', [
    [
      'a list of audiences that contains the required one',
      RESOURCES,
      { audience: ['https://other.no', AUDIENCE] },
    ],
    ['a token without the required audience', RESOURCES, {}, WRONG_AUDIENCE],
    [
      'the legacy audience, where another one is required,',
      RESOURCES,
      { audience: 'unspecified' },
      WRONG_AUDIENCE,
    ],
    [
      'the required audience with a trailing slash',
      'RFC 7519 §4.1.3',
      { audience: `${AUDIENCE}/` },
      WRONG_AUDIENCE,
    ],
  ]),

  ...byToken('/nested', [
    ['a token that meets a nested requirement', SCOPES, { scope: `nav:x.admin ${READ}` }],
    ['a token that meets only a part of a nested requirement', 'RFC 6750 §3', { scope: READ }, lacks(BOTH)],
  ]),
  ...byToken('/ruled', [['a call that `authorize` denies', 'RFC 9110 §15.5.4', {}, 'not_authorized']]),
  ...byToken('/broken', [['a call for which `authorize` throws', OWN_ERRORS, {}, FAILED]]),
  ...byToken('/rejecting', [['a call for which `authorize` rejects with undefined', OWN_ERRORS, {}, FAILED]]),

  {
    title: 'a token that meets a computed requirement',
    source: 'RFC 6750 §3',
    path: '/computed',
    headers: computedBy('read'),
  },
  {
    title: 'a token that does not meet a computed requirement',
    source: 'RFC 6750 §3',
    path: '/computed',
    headers: computedBy('write'),
    ...lacks(WRITE),
  },
  {
    title: 'a call for which the computed requirement is invalid',
    source: OWN_ERRORS,
    path: '/computed',
    headers: computedBy('a b'),
    ...FAILED,
  },
  {
    title: 'a call without a token, where the computed requirement is invalid,',
    source: REFUSALS,
    path: '/computed',
    headers: () => [['x-scope', 'a b']],
    ...missing('no_credentials'),
  },
]
