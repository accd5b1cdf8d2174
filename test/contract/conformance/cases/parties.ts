import type { IssueTokenOptions } from '@portvakt/mock'
import { READ, REGISTER, SUPPLIER } from '../api.js'
import { authorization, byToken, type Case, FAILED, invalid, lacks } from '../case.js'

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

/** A synthetic person's number. */
const PERSON = '05848998356'
const about = (person: string) => (token: string) =>
  [...authorization(`Bearer ${token}`), ['x-person', person]] as const

const DELEGATION = 'Digdir, delegation'
const SYSTEM_USERS = 'Digdir, system users'
const PID = 'Digdir, pid-restricted tokens'

/** Cases about delegation, system users, and the person that a call is about. */
export const PARTIES: readonly Case[] = [
  ...byToken('/undelegated', [
    ['the consumer itself, where delegation is forbidden,', DELEGATION, {}],
    ['a supplier, where delegation is forbidden,', DELEGATION, DELEGATED, 'delegation_not_allowed'],
    [
      'a delegation source without a supplier, where delegation is forbidden,',
      DELEGATION,
      { delegationSource: REGISTER },
      'delegation_not_allowed',
    ],
    [
      'a supplier without the scope, where delegation is forbidden,',
      'RFC 6750 §3.1',
      { ...DELEGATED, scope: 'nav:other' },
      lacks(READ),
    ],
  ]),
  ...byToken('/delegated', [
    ['a supplier, where delegation is required,', DELEGATION, DELEGATED],
    ['the consumer itself, where delegation is required,', DELEGATION, {}, 'delegation_required'],
  ]),
  ...byToken('/suppliers', [
    ['a supplier on the list', DELEGATION, DELEGATED],
    [
      'a supplier that is not on the list',
      DELEGATION,
      { ...DELEGATED, supplier: '810969342' },
      'supplier_not_allowed',
    ],
    [
      'a supplier whose id is not a Norwegian organisation number',
      DELEGATION,
      { ...DELEGATED, supplier: { authority: 'etsi-en-319-412', ID: `NTRNO-${SUPPLIER}` } },
      'supplier_not_allowed',
    ],
    [
      'the consumer itself, on the list of suppliers,',
      DELEGATION,
      { consumer: SUPPLIER },
      'delegation_required',
    ],
  ]),
  ...byToken('/sources', [
    ['a delegation source on the list', DELEGATION, DELEGATED],
    [
      'a delegation source that is not on the list',
      DELEGATION,
      { ...DELEGATED, delegationSource: 'https://www.altinn.no/' },
      'delegation_source_not_allowed',
    ],
    [
      'a delegation source without its trailing slash',
      DELEGATION,
      { ...DELEGATED, delegationSource: REGISTER.slice(0, -1) },
      'delegation_source_not_allowed',
    ],
  ]),

  ...byToken('/system-user', [
    ['a token with a system user', SYSTEM_USERS, withSystemUser()],
    ['a token without the required system user', SYSTEM_USERS, {}, 'system_user_required'],
    [
      'a system user whose type has capital letters',
      SYSTEM_USERS,
      withSystemUser({ type: 'urn:altinn:SystemUser' }),
      'system_user_required',
    ],
    [
      'a system user without ids',
      SYSTEM_USERS,
      withSystemUser({ systemuser_id: [] }),
      invalid('malformed_claims'),
    ],
  ]),

  ...byToken('/person', [
    ['a call about the person in the token', PID, { pid: PERSON }],
    ['a token without a person, in a call about one,', PID, {}, 'pid_required'],
    ['a token whose pid is a number', PID, { claims: { pid: Number(PERSON) } }, invalid('malformed_claims')],
  ]).map((one) => ({ ...one, headers: about(PERSON) })),
  ...byToken('/person', [
    ['a call about a person other than the one in the token', PID, { pid: PERSON }, 'pid_mismatch'],
  ]).map((one) => ({ ...one, headers: about('01010199999') })),
  ...byToken('/person', [
    ['a call that names no person, with a token about one,', PID, { pid: PERSON }, 'pid_mismatch'],
    ['a call that names no person, with a token without one,', PID, {}, 'pid_required'],
  ]),
  ...byToken('/person/broken', [
    [
      'a call for which the function `pid` throws',
      'the framework’s own error handling',
      { pid: PERSON },
      FAILED,
    ],
    ['a token without a person, where the function `pid` would throw,', PID, {}, 'pid_required'],
  ]),
]
