import { bad, type Forge } from './forge.js'

/** Valid tokens that do not grant what the API requires, RFC 6750 §3.1. */
export const ACCESS_RECIPES = {
  'no-scope': bad('insufficient_scope', 'grants no scope', { scope: '' }),
  'other-scope': bad('insufficient_scope', 'grants another scope', { scope: 'portvakt:something.else' }),
  'scope-prefix': bad('insufficient_scope', 'grants scopes that begin with the required ones', (forge) =>
    forge.issue({ scope: forge.scopes.map((scope) => `${scope}.more`) }),
  ),
  'scope-case': bad('insufficient_scope', 'grants the required scopes in capitals', (forge) =>
    forge.issue({ scope: forge.scopes.map((scope) => scope.toUpperCase()) }),
  ),
  'scope-wildcard': bad('insufficient_scope', 'grants a wildcard', (forge) =>
    forge.issue({ scope: forge.scopes.map((scope) => `${scope.split(':')[0]}:*`) }),
  ),
  'scope-tab': bad('insufficient_scope', 'separates its scopes by tabs', (forge) =>
    forge.issue({ scope: ['portvakt:other', ...forge.scopes].join('\t') }),
  ),
  'scope-comma': bad('insufficient_scope', 'separates its scopes by commas', (forge) =>
    forge.issue({ scope: ['portvakt:other', ...forge.scopes].join(',') }),
  ),
  'audience-missing': bad('wrong_audience', 'is for any audience', { claims: { aud: undefined } }),
  'audience-unspecified': bad('wrong_audience', 'is for any audience, as older tokens say it', {
    claims: { aud: 'unspecified' },
  }),
  'wrong-audience': bad('wrong_audience', 'is for another API', {
    claims: { aud: ['https://another-api.example/'] },
  }),
  'other-consumer': bad('consumer_not_allowed', 'is issued to another organisation', {
    consumer: '555555555',
  }),
  'foreign-consumer': bad(
    'consumer_not_allowed',
    'is issued to an organisation of another register, with the same digits',
    (forge) => forge.issue({ consumer: { authority: 'etsi-en-319-412', ID: `NTRNO-${digitsOf(forge)}` } }),
  ),
  'consumer-part': bad('consumer_not_allowed', 'is issued to a part of the right organisation', (forge) =>
    forge.issue({
      consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${digitsOf(forge)}:ER//987464291:1` },
    }),
  ),
}

/** The organisation number of a good token's consumer. */
function digitsOf(forge: Forge): string {
  return /[0-9]{9}/.exec(JSON.stringify(forge.claims()['consumer']))?.[0] ?? ''
}
