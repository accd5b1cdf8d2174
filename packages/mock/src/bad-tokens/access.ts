import { recipes } from './recipe.js'

/** Good tokens that do not grant what is asked for, RFC 6750 §3.1. */
export const ACCESS_RECIPES = recipes({
  'no-scope': {
    meaning: 'grants nothing',
    status: 403,
    reason: 'insufficient_scope',
    make: (forge) => forge.issue({ scope: '' }),
  },
  'other-scope': {
    meaning: 'grants something else',
    status: 403,
    reason: 'insufficient_scope',
    make: (forge) => forge.issue({ scope: 'portvakt:something.else' }),
  },
  'scope-prefix': {
    meaning: 'grants scopes that begin like the right ones',
    status: 403,
    reason: 'insufficient_scope',
    make: (forge) => forge.issue({ scope: forge.scopes.map((scope) => `${scope}.more`) }),
  },
  'scope-case': {
    meaning: 'grants the right scopes in capitals',
    status: 403,
    reason: 'insufficient_scope',
    make: (forge) => forge.issue({ scope: forge.scopes.map((scope) => scope.toUpperCase()) }),
  },
  'scope-wildcard': {
    meaning: 'grants a wildcard',
    status: 403,
    reason: 'insufficient_scope',
    make: (forge) => forge.issue({ scope: forge.scopes.map((scope) => `${scope.split(':')[0]}:*`) }),
  },
  'scope-tab': {
    meaning: 'separates its scopes by tabs',
    status: 403,
    reason: 'insufficient_scope',
    make: (forge) => forge.issue({ scope: ['portvakt:other', ...forge.scopes].join('\t') }),
  },
  'scope-comma': {
    meaning: 'separates its scopes by commas',
    status: 403,
    reason: 'insufficient_scope',
    make: (forge) => forge.issue({ scope: ['portvakt:other', ...forge.scopes].join(',') }),
  },
  'audience-missing': {
    meaning: 'is for any audience',
    reason: 'wrong_audience',
    onlyWith: 'audience',
    make: (forge) => forge.claiming({ aud: undefined }),
  },
  'audience-unspecified': {
    meaning: 'is for any audience, as older tokens say it',
    reason: 'wrong_audience',
    onlyWith: 'audience',
    make: (forge) => forge.claiming({ aud: 'unspecified' }),
  },
  'wrong-audience': {
    meaning: 'is for another API',
    reason: 'wrong_audience',
    onlyWith: 'audience',
    make: (forge) => forge.claiming({ aud: ['https://another-api.example/'] }),
  },
  'other-consumer': {
    meaning: 'is issued to another organisation',
    status: 403,
    reason: 'consumer_not_allowed',
    onlyWith: 'consumers',
    make: (forge) => forge.issue({ consumer: '555555555' }),
  },
  'foreign-consumer': {
    meaning: 'is issued to an organisation of another register, with the right digits',
    status: 403,
    reason: 'consumer_not_allowed',
    onlyWith: 'consumers',
    make: (forge) =>
      forge.issue({ consumer: { authority: 'etsi-en-319-412', ID: `NTRNO-${digitsOf(forge.claims())}` } }),
  },
  'consumer-part': {
    meaning: 'is issued to a part of the right organisation',
    status: 403,
    reason: 'consumer_not_allowed',
    onlyWith: 'consumers',
    make: (forge) =>
      forge.issue({
        consumer: {
          authority: 'iso6523-actorid-upis',
          ID: `0192:${digitsOf(forge.claims())}:ER//987464291:1`,
        },
      }),
  },
})

/** The organisation number of a good token's consumer. */
function digitsOf({ consumer }: Readonly<Record<string, unknown>>): string {
  return /[0-9]{9}/.exec(JSON.stringify(consumer))?.[0] ?? ''
}
