import { READ, WRITE, WRITER } from '../../conformance/api.js'
import { type Attack, asJson, forEach } from '../attack.js'

/** Scopes that resemble the required one. */
const SCOPES: readonly string[] = [
  '',
  ' ',
  'nav:other',
  'nav:x',
  'nav:x.rea',
  `${READ}.more`,
  `${READ}s`,
  `a${READ}`,
  READ.toUpperCase(),
  'Nav:x.read',
  'nav:x.*',
  'nav:*',
  '*',
  'nav:x.?ead',
  `nav:other,${READ}`,
  `nav:other\t${READ}`,
  `nav:other\n${READ}`,
  `nav:other\r\n${READ}`,
  `nav:other\u00a0${READ}`,
  `nav:other\u2003${READ}`,
  `${READ}\t`,
  `\t${READ}`,
  `${READ}\0`,
  `${READ}\u200b`,
  `\ufeff${READ}`,
  `"${READ}"`,
  `+${READ}`,
  `nav:other+${READ}`,
  `nav:other%20${READ}`,
  'nav%3Ax.read',
  'nav：x.read',
  'ｎａｖ:x.read',
  'nav:х.read',
  'nav:x.reаd',
  '__proto__',
  'constructor',
  `["${READ}"]`,
  'nav:x . read',
]

const ROLES = { scope: `${READ} ${WRITE}` }
const upis = (ID: string) => ({ authority: 'iso6523-actorid-upis', ID })

/** Consumers with an id that contains or resembles the allowed organisation number. */
const CONSUMERS: readonly (readonly [string, object])[] = [
  ...[
    '0192:',
    '0192:123',
    `0192:${WRITER.slice(0, -1)}a`,
    `0192:${WRITER}0`,
    `0192:0${WRITER}`,
    `0192:${WRITER}:x`,
    `0192:991825827:${WRITER}`,
    `0192:991825827:ER//${WRITER}:1`,
    `0192:991825827:${WRITER}:1`,
    `0192::${WRITER}`,
    `0192 :${WRITER}`,
    `0192: ${WRITER}`,
    `0192:${WRITER} `,
    ` 0192:${WRITER}`,
    `0192:${WRITER}\n`,
    `\n0192:${WRITER}`,
    `0192:991825827\n0192:${WRITER}`,
    `0192:${WRITER}\0`,
    `0192:${WRITER}\u200b`,
    `9908:${WRITER}`,
    `0088:${WRITER}`,
    `192:${WRITER}`,
    `00192:${WRITER}`,
    `NO:${WRITER}`,
    WRITER,
    `0192/${WRITER}`,
    '0192:８８９６４０７８２',
    `0192:${WRITER.slice(0, 3)} ${WRITER.slice(3, 6)} ${WRITER.slice(6)}`,
    '0192:8.89640782e8',
    '0192:__proto__',
  ].map((ID) => [JSON.stringify(ID), upis(ID)] as const),
  ['with the allowed id and another authority', { authority: 'etsi-en-319-412', ID: `0192:${WRITER}` }],
  [
    'with the allowed id and the authority in capitals',
    { authority: 'ISO6523-ACTORID-UPIS', ID: `0192:${WRITER}` },
  ],
  [
    'with the allowed id and a space after the authority',
    { authority: 'iso6523-actorid-upis ', ID: `0192:${WRITER}` },
  ],
  ['with the allowed id only in another member', { ...upis('0192:991825827'), id: `0192:${WRITER}` }],
]

const INVALID_ORGANISATIONS: readonly unknown[] = [
  `0192:${WRITER}`,
  [upis(`0192:${WRITER}`)],
  [],
  {},
  null,
  1,
  true,
  { authority: 'iso6523-actorid-upis' },
  { ID: `0192:${WRITER}` },
  upis(''),
  { authority: '', ID: `0192:${WRITER}` },
  { authority: 'iso6523-actorid-upis', id: `0192:${WRITER}` },
  { authority: 'iso6523-actorid-upis', ID: Number(WRITER) },
  { authority: 'iso6523-actorid-upis', ID: [`0192:${WRITER}`] },
  { authority: ['iso6523-actorid-upis'], ID: `0192:${WRITER}` },
]

/** Attacks C08 to C11, on the scope, the consumer and the supplier. */
export const AUTHORITY: readonly Attack[] = [
  ...forEach(
    asJson([[READ], [], null, 1, true, { 0: READ }]),
    (scope) => ({ id: 'C08', token: (forge) => forge.token({ scope }), refused: 'malformed_claims' }),
    (title) => `the non-string scope ${title}`,
  ),
  ...forEach(
    asJson(SCOPES),
    (scope) => ({
      id: scope.trim() === '' ? 'C08' : 'C09',
      token: (forge) => forge.token({ scope }),
      refused: 'insufficient_scope',
    }),
    (title) => `the scope ${title}`,
  ),
  {
    id: 'C09',
    title: 'a token with the required scope only in other claims',
    token: (forge) => forge.token({ scope: 'nav:other', scp: READ, scopes: [READ] }),
    refused: 'insufficient_scope',
  },
  ...forEach(
    asJson(INVALID_ORGANISATIONS),
    (consumer) => ({ id: 'C10', token: (forge) => forge.token({ consumer }), refused: 'malformed_claims' }),
    (title) => `the invalid consumer ${title}`,
  ),
  ...forEach(
    CONSUMERS,
    (consumer) => ({
      id: 'C10',
      token: (forge) => forge.token({ ...ROLES, consumer }),
      request: () => ({ target: '/write' }),
      refused: 'consumer_not_allowed',
    }),
    (title) => `the consumer ${title}, where only another one is allowed,`,
  ),
  ...forEach(
    asJson(INVALID_ORGANISATIONS),
    (supplier) => ({ id: 'C11', token: (forge) => forge.token({ supplier }), refused: 'malformed_claims' }),
    (title) => `the invalid supplier ${title}`,
  ),
  ...forEach(
    asJson([null, 1, {}, ['https://www.altinn.no']]),
    (source) => ({
      id: 'C11',
      token: (forge) => forge.token({ supplier: upis('0192:991825827'), delegation_source: source }),
      refused: 'malformed_claims',
    }),
    (title) => `the invalid delegation source ${title}`,
  ),
  {
    id: 'C11',
    title: 'an allowed organisation that is only the supplier',
    token: (forge) =>
      forge.token({ ...ROLES, consumer: upis('0192:991825827'), supplier: upis(`0192:${WRITER}`) }),
    request: () => ({ target: '/write' }),
    refused: 'consumer_not_allowed',
  },
  {
    id: 'C11',
    title: 'an allowed organisation named only in client_id, client_orgno and sub',
    token: (forge) =>
      forge.token({
        ...ROLES,
        consumer: upis('0192:991825827'),
        client_id: WRITER,
        client_orgno: WRITER,
        sub: `0192:${WRITER}`,
      }),
    request: () => ({ target: '/write' }),
    refused: 'consumer_not_allowed',
  },
]
