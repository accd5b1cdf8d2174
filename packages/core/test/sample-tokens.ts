import type { AccessRule } from '../src/requirements/demands.js'
import type { everyMember } from './every-member.js'

const iso = 'iso6523-actorid-upis'
const TEST = 'https://test.maskinporten.no/'
const claim = (number: string) => ({ authority: iso, ID: `0192:${number}` })
const typed = (number: string) => ({ authority: iso, id: `0192:${number}`, organisationNumber: number })

/** A token in a form that Digdir or Altinn has published, and the result of reading it. */
export interface SampleToken {
  readonly title: string
  /** Where the form is published. */
  readonly source: string
  readonly claims: Readonly<Record<string, unknown>>
  /** Every member except `claims`. */
  readonly expected: Partial<ReturnType<typeof everyMember>>
  /** A requirement that this token meets, without its scope. */
  readonly meets: Omit<AccessRule, 'scope'>
}

/** Claims of most tokens. Real lifetimes are 30 to 120 s. */
const common = {
  iss: TEST,
  client_amr: 'private_key_jwt',
  token_type: 'Bearer',
  iat: 1_718_175_015,
  exp: 1_718_175_135,
  client_id: 'fc9a8287-e7cb-45e5-b90e-123048d32d85',
  jti: '-SpfU--1Zn_Oqvkpjwu3oVn--VLcPzSAwjqyiP6zBEw',
}
/** The result of reading `common`. */
const read = {
  issuer: TEST,
  clientId: common.client_id,
  clientAuthentication: 'private_key_jwt',
  audience: [],
  authorizationDetails: [],
  systemUsers: [],
  consents: [],
  tokenId: common.jti,
  issuedAt: common.iat,
  expiresAt: common.exp,
}

const plain = {
  ...common,
  scope: 'digitalpostinnbygger:send',
  consumer: claim('991825827'),
}
const plainRead = { ...read, scopes: ['digitalpostinnbygger:send'], consumer: typed('991825827') }

/** @param idName `ID` as in Digdir's specification, or `id` as in Altinn's samples */
function systemUser(idName: 'ID' | 'id'): SampleToken {
  const entry = {
    type: 'urn:altinn:systemuser',
    systemuser_org: { authority: iso, [idName]: '0192:314168267' },
    systemuser_id: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
    system_id: 'matrix_test',
  }
  return {
    title: `a system user whose customer has \`${idName}\``,
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_systembruker',
    claims: {
      ...common,
      scope: 'krr:global/kontaktinformasjon.read',
      consumer: claim('314330897'),
      authorization_details: [entry],
    },
    expected: {
      ...read,
      scopes: ['krr:global/kontaktinformasjon.read'],
      consumer: typed('314330897'),
      authorizationDetails: [entry],
      systemUsers: [
        {
          customer: typed('314168267'),
          ids: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
          systemId: 'matrix_test',
        },
      ],
    },
    meets: { systemUser: 'required', consumers: ['314330897'] },
  }
}

const consent = {
  type: 'urn:altinn:consent',
  id: '0a7d59f8-cf93-4d7b-9dd7-1c9b1e2a2b77',
  from: 'urn:altinn:person:identifier-no:05848998356',
  to: claim('314330897'),
  consented: '2023-11-14T10:48:55.759557+00:00',
  validTo: '2028-01-01T14:30:00+00:00',
  consentRights: [
    {
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: 'enkelt-samtykke' }],
      metadata: { simpletag: 'test samtykke' },
    },
  ],
}

const eSeal = {
  authority: 'etsi-en-319-412',
  ID: 'NTRNO-555555555',
  commonName: 'Eksempel AS',
  organizationName: 'Eksempel AS',
  organizationalUnitName: 'IT',
  countryName: 'NO',
}

export const SAMPLE_TOKENS: readonly SampleToken[] = [
  {
    title: 'a plain token',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token',
    claims: plain,
    expected: plainRead,
    meets: { consumers: ['991825827'], delegation: 'forbidden' },
  },
  {
    title: 'a token without a client id, as in the guide for API providers',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_guide_apitilbyder',
    claims: (({ client_id: _none, ...rest }) => rest)(plain),
    expected: (({ clientId: _none, ...rest }) => rest)(plainRead),
    meets: {},
  },
  {
    title: 'a token of an enterprise certificate',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token',
    claims: { ...plain, client_amr: 'virksomhetssertifikat' },
    expected: { ...plainRead, clientAuthentication: 'virksomhetssertifikat' },
    meets: {},
  },
  {
    title: 'a delegated token',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_delegering',
    claims: {
      ...plain,
      consumer: claim('910076787'),
      supplier: claim('810969342'),
      delegation_source: 'https://tt02.altinn.no/',
    },
    expected: {
      ...plainRead,
      consumer: typed('910076787'),
      supplier: typed('810969342'),
      delegationSource: 'https://tt02.altinn.no/',
    },
    meets: {
      consumers: ['910076787'],
      delegation: { suppliers: ['810969342'], sources: ['https://tt02.altinn.no/'] },
    },
  },
  {
    title: 'an audience-restricted token',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_audience_restricted_tokens',
    claims: { ...plain, aud: 'https://api.examples.com/users' },
    expected: { ...plainRead, audience: ['https://api.examples.com/users'] },
    meets: { audience: 'https://api.examples.com/users' },
  },
  {
    title: 'a token restricted to several audiences',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_audience_restricted_tokens',
    claims: { ...plain, aud: ['https://api.examples.com/users', 'https://api.examples.com/orders'] },
    expected: {
      ...plainRead,
      audience: ['https://api.examples.com/users', 'https://api.examples.com/orders'],
    },
    meets: { audience: 'https://api.examples.com/orders' },
  },
  {
    title: 'a token with the legacy audience `unspecified`, which restricts nothing',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_audience_restricted_tokens',
    claims: { ...plain, aud: 'unspecified' },
    expected: plainRead,
    meets: {},
  },
  {
    title: 'a pid-restricted token',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_pid_restricted_tokens',
    claims: { ...plain, pid: '01010199999' },
    expected: { ...plainRead, pid: '01010199999' },
    meets: { pid: () => '01010199999' },
  },
  systemUser('ID'),
  systemUser('id'),
  {
    title: 'a token with a consent',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke',
    claims: {
      ...common,
      scope: 'altinn:consentrequests.read',
      consumer: claim('314330897'),
      authorization_details: [consent],
    },
    expected: {
      ...read,
      scopes: ['altinn:consentrequests.read'],
      consumer: typed('314330897'),
      authorizationDetails: [consent],
      consents: [
        {
          id: consent.id,
          from: { type: 'person', pid: '05848998356' },
          to: typed('314330897'),
          consented: Date.UTC(2023, 10, 14, 10, 48, 55, 759) / 1000,
          validTo: Date.UTC(2028, 0, 1, 14, 30) / 1000,
          rights: [
            {
              actions: ['consent'],
              resources: [{ type: 'urn:altinn:resource', value: 'enkelt-samtykke' }],
              metadata: { simpletag: 'test samtykke' },
            },
          ],
        },
      ],
    },
    meets: { consent: { resources: ['enkelt-samtykke'] }, consumers: ['314330897'] },
  },
  {
    title: 'a European eSeal, whose identifier is kept unchanged',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_func_european_eseals',
    claims: { ...plain, client_amr: 'CForESeal', client_id: 'eidas-4711', consumer: eSeal },
    expected: {
      ...plainRead,
      clientAuthentication: 'CForESeal',
      clientId: 'eidas-4711',
      consumer: { authority: 'etsi-en-319-412', id: 'NTRNO-555555555' },
    },
    meets: {},
  },
  {
    title: 'a part of an organisation, which does not count as the organisation',
    source: 'https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token',
    claims: { ...plain, consumer: { authority: iso, ID: '0192:991825827:ER//987464291:1' } },
    expected: { ...plainRead, consumer: { authority: iso, id: '0192:991825827:ER//987464291:1' } },
    meets: {},
  },
]
