import { READ, WRITE, WRITER } from '../../conformance/api.js'
import { type Attack, forEach } from '../attack.js'

/** Scopes that hold ours to a hasty eye. */
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

/** Identifiers that hold the allowed organisation’s number to a hasty eye, and are not that organisation. */
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
  ['another register’s', { authority: 'etsi-en-319-412', ID: `0192:${WRITER}` }],
  ['another register’s, by its case', { authority: 'ISO6523-ACTORID-UPIS', ID: `0192:${WRITER}` }],
  ['another register’s, by a space', { authority: 'iso6523-actorid-upis ', ID: `0192:${WRITER}` }],
  [
    'another organisation’s, beside ours in another member',
    { ...upis('0192:991825827'), id: `0192:${WRITER}` },
  ],
]

const NO_ORGANISATION: readonly unknown[] = [
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

/** C08 to C11: what a token grants, and to whom. */
export const AUTHORITY: readonly Attack[] = [
  ...forEach(
    [[READ], [], null, 1, true, { 0: READ }].map((scope) => [JSON.stringify(scope), scope] as const),
    (scope) => ({ id: 'C08', token: (forge) => forge.token({ scope }), refused: 'malformed_claims' }),
    (title) => `the scope ${title}, which is no string`,
  ),
  ...forEach(
    SCOPES.map((scope) => [JSON.stringify(scope), scope] as const),
    (scope) => ({
      id: scope.trim() === '' ? 'C08' : 'C09',
      token: (forge) => forge.token({ scope }),
      refused: 'insufficient_scope',
    }),
    (title) => `the scope ${title}`,
  ),
  {
    id: 'C09',
    title: 'our scope in another claim',
    token: (forge) => forge.token({ scope: 'nav:other', scp: READ, scopes: [READ] }),
    refused: 'insufficient_scope',
  },
  ...forEach(
    NO_ORGANISATION.map((consumer) => [JSON.stringify(consumer), consumer] as const),
    (consumer) => ({ id: 'C10', token: (forge) => forge.token({ consumer }), refused: 'malformed_claims' }),
    (title) => `the consumer ${title}, which is none`,
  ),
  ...forEach(
    CONSUMERS,
    (consumer) => ({
      id: 'C10',
      token: (forge) => forge.token({ ...ROLES, consumer }),
      request: () => ({ target: '/write' }),
      refused: 'consumer_not_allowed',
    }),
    (title) => `the consumer ${title}, where another is allowed`,
  ),
  ...forEach(
    NO_ORGANISATION.map((supplier) => [JSON.stringify(supplier), supplier] as const),
    (supplier) => ({ id: 'C11', token: (forge) => forge.token({ supplier }), refused: 'malformed_claims' }),
    (title) => `the supplier ${title}, which is none`,
  ),
  ...forEach(
    [null, 1, {}, ['https://www.altinn.no']].map((source) => [JSON.stringify(source), source] as const),
    (source) => ({
      id: 'C11',
      token: (forge) => forge.token({ supplier: upis('0192:991825827'), delegation_source: source }),
      refused: 'malformed_claims',
    }),
    (title) => `the delegation source ${title}, which is none`,
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
    title: 'an allowed organisation that is only named by the client',
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
