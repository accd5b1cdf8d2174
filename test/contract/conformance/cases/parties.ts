import type { IssueTokenOptions } from '@portvakt/mock'
import { READ, REGISTER, SUPPLIER } from '../api.js'
import { authorization, bySource, type Case, FAILED, invalid, lacks } from '../case.js'

const SYSTEM_USER = {
  type: 'urn:altinn:systemuser',
  systemuser_org: { authority: 'iso6523-actorid-upis', ID: '0192:310385980' },
  systemuser_id: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
  system_id: '314330897_system',
}
const withSystemUser = (changes: object = {}): IssueTokenOptions => {
  return { authorizationDetails: [{ ...SYSTEM_USER, ...changes }] }
}
const DELEGATED: IssueTokenOptions = { supplier: SUPPLIER, delegationSource: REGISTER }
const suppliedBy = (supplier: NonNullable<IssueTokenOptions['supplier']>) => ({ ...DELEGATED, supplier })

/** A synthetic person's number. */
const PERSON = '05848998356'
const about = (person: string) => (token: string) =>
  [...authorization(`Bearer ${token}`), ['x-person', person]] as const

const DELEGATION = 'Digdir, delegation'
const SYSTEM_USERS = 'Digdir, system users'
const PID = 'Digdir, pid-restricted tokens'
const MALFORMED = invalid('malformed_claims')

/** Cases about delegation, system users, and the person that a call is about. */
export const PARTIES: readonly Case[] = [
  ...bySource(DELEGATION, '/undelegated', [
    ['the consumer itself, where delegation is forbidden,', {}],
    ['a supplier, where delegation is forbidden,', DELEGATED, 'delegation_not_allowed'],
    [
      'a delegation source without a supplier, where delegation is forbidden,',
      { delegationSource: REGISTER },
      'delegation_not_allowed',
    ],
  ]),
  ...bySource('RFC 6750 §3.1', '/undelegated', [
    [
      'a supplier without the scope, where delegation is forbidden,',
      { ...DELEGATED, scope: 'nav:other' },
      lacks(READ),
    ],
  ]),
  ...bySource(DELEGATION, '/delegated', [
    ['a supplier, where delegation is required,', DELEGATED],
    ['the consumer itself, where delegation is required,', {}, 'delegation_required'],
  ]),
  ...bySource(DELEGATION, '/suppliers', [
    ['a supplier on the list', DELEGATED],
    ['a supplier that is not on the list', suppliedBy('810969342'), 'supplier_not_allowed'],
    [
      'a supplier whose id is not a Norwegian organisation number',
      suppliedBy({ authority: 'etsi-en-319-412', ID: `NTRNO-${SUPPLIER}` }),
      'supplier_not_allowed',
    ],
    ['the consumer itself, on the list of suppliers,', { consumer: SUPPLIER }, 'delegation_required'],
  ]),
  ...bySource(DELEGATION, '/sources', [
    ['a delegation source on the list', DELEGATED],
    [
      'a delegation source that is not on the list',
      { ...DELEGATED, delegationSource: 'https://www.altinn.no/' },
      'delegation_source_not_allowed',
    ],
    [
      'a delegation source without its trailing slash',
      { ...DELEGATED, delegationSource: REGISTER.slice(0, -1) },
      'delegation_source_not_allowed',
    ],
  ]),

  ...bySource(SYSTEM_USERS, '/system-user', [
    ['a token with a system user', withSystemUser()],
    ['a token without the required system user', {}, 'system_user_required'],
    [
      'a system user whose type has capital letters',
      withSystemUser({ type: 'urn:altinn:SystemUser' }),
      'system_user_required',
    ],
    ['a system user without ids', withSystemUser({ systemuser_id: [] }), MALFORMED],
  ]),

  ...bySource(PID, '/person', [
    ['a call about the person in the token', { pid: PERSON }],
    ['a token without a person, in a call about one,', {}, 'pid_required'],
    ['a token whose pid is a number', { claims: { pid: Number(PERSON) } }, MALFORMED],
  ]).map((one) => ({ ...one, headers: about(PERSON) })),
  ...bySource(PID, '/person', [
    ['a call about a person other than the one in the token', { pid: PERSON }, 'pid_mismatch'],
  ]).map((one) => ({ ...one, headers: about('01010199999') })),
  ...bySource(PID, '/person', [
    ['a call that names no person, with a token about one,', { pid: PERSON }, 'pid_mismatch'],
    ['a call that names no person, with a token without one,', {}, 'pid_required'],
  ]),
  ...bySource('the framework’s own error handling', '/person/broken', [
    ['a call for which the function `pid` throws', { pid: PERSON }, FAILED],
  ]),
  ...bySource(PID, '/person/broken', [
    ['a token without a person, where the function `pid` would throw,', {}, 'pid_required'],
  ]),
]
