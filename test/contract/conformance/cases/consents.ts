import type { IssueTokenOptions } from '@portvakt/mock'
import { bySource, type Case, invalid } from '../case.js'

const organisation = (ID: string) => ({ authority: 'iso6523-actorid-upis', ID })
const right = (value: string) => ({
  action: ['consent'],
  resource: [{ type: 'urn:altinn:resource', value }],
})

/** A consent given to the mock's default consumer, valid until the year 2999. */
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
const ENDED = { ...CONSENT, validTo: '2026-01-01T00:00:00+00:00' }
const TO_ANOTHER = { to: organisation('0192:310385980') }
const holding = (...authorizationDetails: object[]): IssueTokenOptions => ({ authorizationDetails })

const MALFORMED = invalid('malformed_claims')
const FROM_ORGANISATION = { from: 'urn:altinn:organization:identifier-no:310385980' }
const PAIR = [CONSENT, { ...CONSENT, consentRights: [right('tax')] }]

export const CONSENTS: readonly Case[] = [
  ...bySource('Digdir, consent', '/consent', [
    ['a valid consent', holding(CONSENT)],
    ['a consent given by an organisation', holding({ ...CONSENT, ...FROM_ORGANISATION })],
    ['a token without a consent', {}, 'consent_required'],
    ['an expired consent', holding(ENDED), 'consent_expired'],
    ['a valid consent together with an expired one', holding(ENDED, CONSENT)],
    ['a consent to another organisation', holding({ ...CONSENT, ...TO_ANOTHER }), 'consent_required'],
    ['an expired consent to another organisation', holding({ ...ENDED, ...TO_ANOTHER }), 'consent_required'],
    ['a consent without validTo', holding({ ...CONSENT, validTo: undefined }), MALFORMED],
  ]),
  ...bySource('Digdir, consent', '/consent/income-tax', [
    ['a consent to both required resources', holding(BOTH)],
    ['a consent to one of two required resources', holding(CONSENT), 'consent_required'],
    [
      'a pair of consents that each cover one of two required resources',
      holding(...PAIR),
      'consent_required',
    ],
    [
      'an expired consent to both required resources with a valid consent to one of them',
      holding({ ...ENDED, consentRights: BOTH.consentRights }, CONSENT),
      'consent_expired',
    ],
  ]),
  ...bySource('Digdir, consent', '/read', [
    [
      'a malformed consent, where the route requires no consent,',
      holding({ ...CONSENT, from: '05848998356' }),
      MALFORMED,
    ],
  ]),
]
