const iso = 'iso6523-actorid-upis'
const TEST = 'https://test.maskinporten.no/'
const claim = (number: string) => ({ authority: iso, ID: `0192:${number}` })
const typed = (number: string) => ({ authority: iso, id: `0192:${number}`, organisationNumber: number })

/**
 * A token in a form that Digdir or Altinn has published, and the result of reading it.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token and its sibling pages about delegation,
 *   audience-restricted and pid-restricted tokens, system users, consents and European eSeals
 */
interface SampleToken {
  readonly title: string
  /** The claims that differ from those of a token without restrictions. */
  readonly claims: Readonly<Record<string, unknown>>
  /** The members of the token that these claims become. */
  readonly read: Readonly<Record<string, unknown>>
}

/** The claims of a token without restrictions. Real lifetimes are 30 to 120 s. */
export const PLAIN = {
  iss: TEST,
  client_amr: 'private_key_jwt',
  token_type: 'Bearer',
  iat: 1_718_175_015,
  exp: 1_718_175_135,
  client_id: 'fc9a8287-e7cb-45e5-b90e-123048d32d85',
  jti: '-SpfU--1Zn_Oqvkpjwu3oVn--VLcPzSAwjqyiP6zBEw',
  scope: 'digitalpostinnbygger:send',
  consumer: claim('991825827'),
}
/** The result of reading `PLAIN`. */
const PLAIN_READ = {
  issuer: TEST,
  scopes: ['digitalpostinnbygger:send'],
  consumer: typed('991825827'),
  clientId: PLAIN.client_id,
  clientAuthentication: 'private_key_jwt',
  audience: [],
  authorizationDetails: [],
  systemUsers: [],
  consents: [],
  tokenId: PLAIN.jti,
  issuedAt: PLAIN.iat,
  expiresAt: PLAIN.exp,
}

export const SYSTEM_USER = {
  type: 'urn:altinn:systemuser',
  systemuser_org: claim('314168267'),
  systemuser_id: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
  system_id: 'matrix_test',
}

export const CONSENT = {
  type: 'urn:altinn:consent',
  id: '0a7d59f8-cf93-4d7b-9dd7-1c9b1e2a2b77',
  from: 'urn:altinn:person:identifier-no:05848998356',
  to: claim('991825827'),
  consented: '2023-11-14T10:48:55.759557+00:00',
  validTo: '2028-01-01T15:30:00+01:00',
  consentRights: [
    {
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: 'enkelt-samtykke' }],
      metadata: { simpletag: 'test samtykke' },
    },
  ],
}

const SAMPLES: readonly SampleToken[] = [
  {
    title: 'a plain token',
    claims: {},
    read: {},
  },
  {
    title: 'a delegated token',
    claims: {
      consumer: claim('910076787'),
      supplier: claim('810969342'),
      delegation_source: 'https://tt02.altinn.no/',
    },
    read: {
      consumer: typed('910076787'),
      supplier: typed('810969342'),
      delegationSource: 'https://tt02.altinn.no/',
    },
  },
  {
    title: 'an audience-restricted token',
    claims: { aud: 'https://api.examples.com/users' },
    read: { audience: ['https://api.examples.com/users'] },
  },
  {
    title: 'a token restricted to several audiences',
    claims: { aud: ['https://api.examples.com/users', 'https://api.examples.com/orders'] },
    read: { audience: ['https://api.examples.com/users', 'https://api.examples.com/orders'] },
  },
  {
    title: 'a token with the legacy audience `unspecified`, which restricts nothing',
    claims: { aud: 'unspecified' },
    read: {},
  },
  {
    title: 'a pid-restricted token',
    claims: { pid: '01010199999' },
    read: { pid: '01010199999' },
  },
  // Digdir's specification has `ID`, and Altinn's samples have `id`.
  ...['ID', 'id'].map((idName): SampleToken => {
    const entry = { ...SYSTEM_USER, systemuser_org: { authority: iso, [idName]: '0192:314168267' } }
    const { systemuser_id: ids, system_id: systemId } = entry
    return {
      title: `a system user whose customer has \`${idName}\``,
      claims: { authorization_details: [entry] },
      read: {
        authorizationDetails: [entry],
        systemUsers: [{ customer: typed('314168267'), ids, systemId }],
      },
    }
  }),
  {
    title: 'a token with a consent',
    claims: { authorization_details: [CONSENT] },
    read: {
      authorizationDetails: [CONSENT],
      consents: [
        {
          id: CONSENT.id,
          from: { type: 'person', pid: '05848998356' },
          to: typed('991825827'),
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
  },
  {
    title: 'a European eSeal, whose identifier is kept unchanged',
    claims: {
      client_amr: 'CForESeal',
      client_id: 'eidas-4711',
      consumer: { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555', commonName: 'Eksempel AS' },
    },
    read: {
      clientAuthentication: 'CForESeal',
      clientId: 'eidas-4711',
      consumer: { authority: 'etsi-en-319-412', id: 'NTRNO-555555555' },
    },
  },
  {
    title: 'a part of an organisation, which does not count as the organisation',
    claims: { consumer: { authority: iso, ID: '0192:991825827:ER//987464291:1' } },
    read: { consumer: { authority: iso, id: '0192:991825827:ER//987464291:1' } },
  },
]

export const SAMPLE_TOKENS = SAMPLES.map(({ title, claims, read }) => {
  return { title, claims: { ...PLAIN, ...claims }, expected: { ...PLAIN_READ, ...read } }
})
