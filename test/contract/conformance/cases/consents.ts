import type { IssueTokenOptions } from '@portvakt/mock'
import { type Case, invalid } from '../case.js'

const organisation = (ID: string) => ({ authority: 'iso6523-actorid-upis', ID })
const right = (value: string) => ({
  action: ['consent'],
  resource: [{ type: 'urn:altinn:resource', value }],
})

/** A consent to the suite's consumer, valid until the year 2999. */
const CONSENT = {
  type: 'urn:altinn:consent',
  id: '0a7d59f8-6a5c-4b3f-9f6e-3f1f6d2b7c11',
  from: 'urn:altinn:person:identifier-no:05848998356',
  to: organisation('0192:314330897'),
  consented: '2025-11-14T10:48:55.759557+00:00',
  validTo: '2999-01-01T14:30:00+00:00',
  consentRights: [right('income')],
}
const BOTH = { ...CONSENT, consentRights: [right('income'), right('tax')] }
const ENDED = { validTo: '2026-01-01T00:00:00+00:00' }
const holding = (...authorizationDetails: object[]): IssueTokenOptions => ({ authorizationDetails })

const source = 'Digdir, consent'
const [path, pathOfBoth] = ['/consent', '/consent/income-tax']

export const CONSENTS: readonly Case[] = [
  { title: 'a valid consent', source, path, token: holding(CONSENT) },
  {
    title: 'a consent given by an organisation',
    source,
    path,
    token: holding({ ...CONSENT, from: 'urn:altinn:organization:identifier-no:310385980' }),
  },
  { title: 'a token without a consent', source, path, token: {}, refused: 'consent_required' },
  {
    title: 'an expired consent',
    source,
    path,
    token: holding({ ...CONSENT, ...ENDED }),
    refused: 'consent_expired',
  },
  {
    title: 'a valid consent together with an expired one',
    source,
    path,
    token: holding({ ...CONSENT, ...ENDED }, CONSENT),
  },
  {
    title: 'a consent to another organisation',
    source,
    path,
    token: holding({ ...CONSENT, to: organisation('0192:310385980') }),
    refused: 'consent_required',
  },
  {
    title: 'an expired consent to another organisation',
    source,
    path,
    token: holding({ ...CONSENT, ...ENDED, to: organisation('0192:310385980') }),
    refused: 'consent_required',
  },
  { title: 'a consent to both required resources', source, path: pathOfBoth, token: holding(BOTH) },
  {
    title: 'a consent to one of two required resources',
    source,
    path: pathOfBoth,
    token: holding(CONSENT),
    refused: 'consent_required',
  },
  {
    title: 'a pair of consents that each cover one of two required resources',
    source,
    path: pathOfBoth,
    token: holding(CONSENT, { ...CONSENT, consentRights: [right('tax')] }),
    refused: 'consent_required',
  },
  {
    title: 'an expired consent to both required resources with a valid consent to one of them',
    source,
    path: pathOfBoth,
    token: holding({ ...BOTH, ...ENDED }, CONSENT),
    refused: 'consent_expired',
  },
  {
    title: 'a consent without validTo',
    source,
    path,
    token: holding({ ...CONSENT, validTo: undefined }),
    ...invalid('malformed_claims'),
  },
  {
    title: 'a malformed consent, where the route requires no consent,',
    source,
    token: holding({ ...CONSENT, from: '05848998356' }),
    ...invalid('malformed_claims'),
  },
]
