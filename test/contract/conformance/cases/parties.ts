import type { IssueTokenOptions } from '@portvakt/mock'
import { READ, REGISTER, SUPPLIER } from '../api.js'
import { authorization, type Case, invalid, lacks } from '../case.js'

const SYSTEM_USER = {
  type: 'urn:altinn:systemuser',
  systemuser_org: { authority: 'iso6523-actorid-upis', ID: '0192:310385980' },
  systemuser_id: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
  system_id: '314330897_system',
}
const DELEGATED: IssueTokenOptions = { supplier: SUPPLIER, delegationSource: REGISTER }

/** A synthetic person's number. */
const PERSON = '05848998356'
const about = (person: string) => (token: string) =>
  [...authorization(`Bearer ${token}`), ['x-person', person]] as const

/** Cases about delegation, system users, and the person that a call is about. */
export const PARTIES: readonly Case[] = [
  {
    title: 'the consumer itself, where delegation is forbidden,',
    source: 'Digdir, delegation',
    path: '/undelegated',
    token: {},
  },
  {
    title: 'a supplier, where delegation is forbidden,',
    source: 'Digdir, delegation',
    path: '/undelegated',
    token: DELEGATED,
    refused: 'delegation_not_allowed',
  },
  {
    title: 'a delegation source without a supplier, where delegation is forbidden,',
    source: 'Digdir, delegation',
    path: '/undelegated',
    token: { delegationSource: REGISTER },
    refused: 'delegation_not_allowed',
  },
  {
    title: 'a supplier without the scope, where delegation is forbidden,',
    source: 'RFC 6750 §3.1',
    path: '/undelegated',
    token: { ...DELEGATED, scope: 'nav:other' },
    refused: 'insufficient_scope',
    challenge: lacks(READ),
  },
  {
    title: 'a supplier, where delegation is required,',
    source: 'Digdir, delegation',
    path: '/delegated',
    token: DELEGATED,
  },
  {
    title: 'the consumer itself, where delegation is required,',
    source: 'Digdir, delegation',
    path: '/delegated',
    token: {},
    refused: 'delegation_required',
  },
  { title: 'a supplier on the list', source: 'Digdir, delegation', path: '/suppliers', token: DELEGATED },
  {
    title: 'a supplier that is not on the list',
    source: 'Digdir, delegation',
    path: '/suppliers',
    token: { ...DELEGATED, supplier: '810969342' },
    refused: 'supplier_not_allowed',
  },
  {
    title: 'a supplier whose id is not a Norwegian organisation number',
    source: 'Digdir, delegation',
    path: '/suppliers',
    token: { ...DELEGATED, supplier: { authority: 'etsi-en-319-412', ID: `NTRNO-${SUPPLIER}` } },
    refused: 'supplier_not_allowed',
  },
  {
    title: 'the consumer itself, on the list of suppliers,',
    source: 'Digdir, delegation',
    path: '/suppliers',
    token: { consumer: SUPPLIER },
    refused: 'delegation_required',
  },
  {
    title: 'a delegation source on the list',
    source: 'Digdir, delegation',
    path: '/sources',
    token: DELEGATED,
  },
  {
    title: 'a delegation source that is not on the list',
    source: 'Digdir, delegation',
    path: '/sources',
    token: { ...DELEGATED, delegationSource: 'https://www.altinn.no/' },
    refused: 'delegation_source_not_allowed',
  },
  {
    title: 'a delegation source without its trailing slash',
    source: 'Digdir, delegation',
    path: '/sources',
    token: { ...DELEGATED, delegationSource: REGISTER.slice(0, -1) },
    refused: 'delegation_source_not_allowed',
  },

  {
    title: 'a token with a system user',
    source: 'Digdir, system users',
    path: '/system-user',
    token: { authorizationDetails: [SYSTEM_USER] },
  },
  {
    title: 'a token without the required system user',
    source: 'Digdir, system users',
    path: '/system-user',
    token: {},
    refused: 'system_user_required',
  },
  {
    title: 'a system user whose type has capital letters',
    source: 'Digdir, system users',
    path: '/system-user',
    token: { authorizationDetails: [{ ...SYSTEM_USER, type: 'urn:altinn:SystemUser' }] },
    refused: 'system_user_required',
  },
  {
    title: 'a system user without ids',
    source: 'Digdir, system users',
    path: '/system-user',
    token: { authorizationDetails: [{ ...SYSTEM_USER, systemuser_id: [] }] },
    ...invalid('malformed_claims'),
  },

  {
    title: 'a call about the person in the token',
    source: 'Digdir, pid-restricted tokens',
    path: '/person',
    token: { pid: PERSON },
    headers: about(PERSON),
  },
  {
    title: 'a token without a person, in a call about one,',
    source: 'Digdir, pid-restricted tokens',
    path: '/person',
    token: {},
    headers: about(PERSON),
    refused: 'pid_required',
  },
  {
    title: 'a call about a person other than the one in the token',
    source: 'Digdir, pid-restricted tokens',
    path: '/person',
    token: { pid: PERSON },
    headers: about('01010199999'),
    refused: 'pid_mismatch',
  },
  {
    title: 'a call that names no person, with a token about one,',
    source: 'Digdir, pid-restricted tokens',
    path: '/person',
    token: { pid: PERSON },
    refused: 'pid_mismatch',
  },
  {
    title: 'a call that names no person, with a token without one,',
    source: 'Digdir, pid-restricted tokens',
    path: '/person',
    token: {},
    refused: 'pid_required',
  },
  {
    title: 'a token whose pid is a number',
    source: 'Digdir, pid-restricted tokens',
    path: '/person',
    token: { claims: { pid: Number(PERSON) } },
    headers: about(PERSON),
    ...invalid('malformed_claims'),
  },
  {
    title: 'a call for which the function `pid` throws',
    source: 'the framework’s own error handling',
    path: '/person/broken',
    token: { pid: PERSON },
    status: 500,
  },
  {
    title: 'a token without a person, where the function `pid` would throw,',
    source: 'Digdir, pid-restricted tokens',
    path: '/person/broken',
    token: {},
    refused: 'pid_required',
  },
]
