import { bad, claims, type Forge } from './forge.js'

/** Valid tokens that lack the access that the API requires (RFC 6750 §3.1). */
export const ACCESS_RECIPES = {
  'no-scope': badScope('grants no scope', () => ''),
  'other-scope': badScope('grants another scope', () => 'portvakt:something.else'),
  'scope-prefix': badScope('grants scopes that begin with the required ones', (scopes) =>
    scopes.map((scope) => `${scope}.more`),
  ),
  'scope-case': badScope('grants the required scopes in capitals', (scopes) =>
    scopes.map((scope) => scope.toUpperCase()),
  ),
  'scope-wildcard': badScope('grants a wildcard', (all) => all.map((scope) => `${scope.split(':')[0]}:*`)),
  'scope-tab': badScope('separates its scopes with tabs', (all) => ['portvakt:other', ...all].join('\t')),
  'scope-comma': badScope('separates its scopes with commas', (all) => ['portvakt:other', ...all].join(',')),
  'audience-missing': bad('wrong_audience', 'has no audience', claims({ aud: undefined })),
  'audience-unspecified': bad(
    'wrong_audience',
    'has the audience “unspecified”, the older form of no audience',
    claims({ aud: 'unspecified' }),
  ),
  'wrong-audience': bad(
    'wrong_audience',
    'is for another API',
    claims({ aud: ['https://another-api.example/'] }),
  ),
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

function badScope(meaning: string, scopeOf: (scopes: readonly string[]) => string | readonly string[]) {
  return bad('insufficient_scope', meaning, (forge) => forge.issue({ scope: scopeOf(forge.scopes) }))
}

/** Returns the organisation number of a good token's consumer. */
function digitsOf(forge: Forge): string {
  return /[0-9]{9}/.exec(JSON.stringify(forge.claims()['consumer']))?.[0] ?? ''
}
