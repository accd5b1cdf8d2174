import { AUDIENCE, READ, WRITE, WRITER } from '../api.js'
import {
  authorization,
  byHeaders,
  bySource,
  byToken,
  type Case,
  FAILED,
  invalid,
  lacks,
  missing,
} from '../case.js'

const SCOPES = 'RFC 6749 §3.3'
const REFUSALS = 'RFC 6750 §3.1'
const RESOURCES = 'RFC 8707 §2'
const OWN_ERRORS = 'the framework’s own error handling'
const WRONG_AUDIENCE = invalid('wrong_audience')
const BOTH = `${READ} ${WRITE}`

const computedBy = (scope: string) => (token: string) =>
  [...authorization(`Bearer ${token}`), ['x-scope', scope]] as const

export const REQUIREMENT_CASES: readonly Case[] = [
  ...bySource(SCOPES, '/read', [
    ['a scope that begins with the required one', { scope: `${READ}.more` }, lacks(READ)],
    ['the required scope in capitals', { scope: READ.toUpperCase() }, lacks(READ)],
  ]),
  ...bySource('NAIS, scope naming', '/read', [
    ['a scope without its prefix, as in nais.yaml,', { scope: 'x.read' }, lacks(READ, 'nais_scope_name')],
  ]),
  ...bySource(REFUSALS, '/read', [['a token without scopes', { scope: '' }, lacks(READ)]]),

  ...bySource(REFUSALS, '/write', [
    ['a token with the scopes of both guards of a route', { scope: BOTH, consumer: WRITER }],
    [
      'a token without the scope of the first guard',
      { scope: WRITE, consumer: WRITER },
      { ...lacks(READ), stacked: true },
    ],
    [
      'a token without the scope of the second guard',
      { scope: READ, consumer: WRITER },
      { ...lacks(WRITE), stacked: true },
    ],
  ]),
  ...bySource('Digdir, access control by consumer', '/write', [
    ['a consumer that is not on the list', { scope: BOTH }, 'consumer_not_allowed'],
  ]),

  ...bySource(RESOURCES, '/audience', [
    ['a list of audiences that contains the required one', { audience: ['https://other.no', AUDIENCE] }],
    ['a token without the required audience', {}, WRONG_AUDIENCE],
    ['the legacy audience, where another one is required,', { audience: 'unspecified' }, WRONG_AUDIENCE],
  ]),
  ...bySource('RFC 7519 §4.1.3', '/audience', [
    ['the required audience with a trailing slash', { audience: `${AUDIENCE}/` }, WRONG_AUDIENCE],
  ]),

  ...byToken('/nested', [
    ['a token that meets a nested requirement', SCOPES, { scope: `nav:x.admin ${READ}` }],
    ['a token that meets only a part of a nested requirement', 'RFC 6750 §3', { scope: READ }, lacks(BOTH)],
  ]),
  ...byToken('/ruled', [['a call that `authorize` denies', 'RFC 9110 §15.5.4', {}, 'not_authorized']]),
  ...byToken('/broken', [['a call for which `authorize` throws', OWN_ERRORS, {}, FAILED]]),
  ...byToken('/rejecting', [['a call for which `authorize` rejects with undefined', OWN_ERRORS, {}, FAILED]]),

  ...byHeaders('/computed', [
    ['a token that meets a computed requirement', 'RFC 6750 §3', computedBy('read')],
    ['a token that does not meet a computed requirement', 'RFC 6750 §3', computedBy('write'), lacks(WRITE)],
    ['a call for which the computed requirement is invalid', OWN_ERRORS, computedBy('a b'), FAILED],
    [
      'a call without a token, where the computed requirement is invalid,',
      REFUSALS,
      () => [['x-scope', 'a b']],
      missing('no_credentials'),
    ],
  ]),
]
