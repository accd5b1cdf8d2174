import { READ, WRITE, WRITER } from '../../conformance/api.js'
import { type Attack, asJson, forEach, refused, type Table, tokens } from '../attack.js'
import type { Members } from '../forge.js'

/** Scopes that resemble the required one. */
const SCOPES: readonly string[] = [
  ...['', ' ', 'nav:other', 'nav:x', 'nav:x.rea', `${READ}.more`, `${READ}s`, `a${READ}`, 'nav:x . read'],
  ...[READ.toUpperCase(), 'Nav:x.read', 'nav:x.*', 'nav:*', '*', 'nav:x.?ead', '__proto__', 'constructor'],
  ...[`nav:other,${READ}`, `nav:other\t${READ}`, `nav:other\n${READ}`, `nav:other\r\n${READ}`],
  ...[`nav:other\u00a0${READ}`, `nav:other\u2003${READ}`, `nav:other+${READ}`, `nav:other%20${READ}`],
  ...[`${READ}\t`, `\t${READ}`, `${READ}\0`, `${READ}\u200b`, `\ufeff${READ}`],
  ...[`"${READ}"`, `+${READ}`, `["${READ}"]`, 'nav%3Ax.read'],
  // These scopes contain letters of another script or width.
  ...['nav：x.read', 'ｎａｖ:x.read', 'nav:х.read', 'nav:x.reаd'],
]

const ROLES = { scope: `${READ} ${WRITE}` }
const upis = (ID: string) => ({ authority: 'iso6523-actorid-upis', ID })
const ALLOWED = upis(`0192:${WRITER}`)
const OTHER = '0192:991825827'

/** Ids that contain or resemble the id of the allowed organisation. */
const IDS: readonly string[] = [
  ...['0192:', '0192:123', `0192:${WRITER.slice(0, -1)}a`, `0192:${WRITER}0`, `0192:0${WRITER}`],
  ...[`0192:${WRITER}:x`, `${OTHER}:${WRITER}`, `${OTHER}:ER//${WRITER}:1`, `${OTHER}:${WRITER}:1`],
  ...[`0192::${WRITER}`, `0192 :${WRITER}`, `0192: ${WRITER}`, `0192:${WRITER} `, ` 0192:${WRITER}`],
  ...[`0192:${WRITER}\n`, `\n0192:${WRITER}`, `${OTHER}\n0192:${WRITER}`, `0192:${WRITER}\0`],
  ...[`0192:${WRITER}\u200b`, `9908:${WRITER}`, `0088:${WRITER}`, `192:${WRITER}`, `00192:${WRITER}`],
  ...[
    `NO:${WRITER}`,
    WRITER,
    `0192/${WRITER}`,
    '0192:８８９６４０７８２',
    '0192:8.89640782e8',
    '0192:__proto__',
  ],
  `0192:${WRITER.slice(0, 3)} ${WRITER.slice(3, 6)} ${WRITER.slice(6)}`,
]

/** Consumers that resemble the allowed organisation. */
const CONSUMERS: Table<object> = {
  ...Object.fromEntries(IDS.map((ID) => [JSON.stringify(ID), upis(ID)])),
  'with the allowed id and another authority': { ...ALLOWED, authority: 'etsi-en-319-412' },
  'with the allowed id and the authority in capitals': { ...ALLOWED, authority: 'ISO6523-ACTORID-UPIS' },
  'with the allowed id and a space after the authority': { ...ALLOWED, authority: 'iso6523-actorid-upis ' },
  'with the allowed id only in another member': { ...upis(OTHER), id: ALLOWED.ID },
}

const INVALID_ORGANISATIONS: readonly unknown[] = [
  ...[ALLOWED.ID, [ALLOWED], [], {}, null, 1, true],
  { authority: 'iso6523-actorid-upis' },
  { ID: `0192:${WRITER}` },
  upis(''),
  { authority: '', ID: `0192:${WRITER}` },
  { authority: 'iso6523-actorid-upis', id: `0192:${WRITER}` },
  { authority: 'iso6523-actorid-upis', ID: Number(WRITER) },
  { authority: 'iso6523-actorid-upis', ID: [`0192:${WRITER}`] },
  { authority: ['iso6523-actorid-upis'], ID: `0192:${WRITER}` },
]

const notAllowed = (id: string, claims: Members): Omit<Attack, 'title'> => ({
  ...refused(id, 'consumer_not_allowed', (forge) => forge.token({ ...ROLES, ...claims })),
  request: () => ({ target: '/write' }),
})

/** Attacks C08 to C11, on the scope, the consumer and the supplier. */
export const AUTHORITY: readonly Attack[] = [
  ...forEach(asJson([[READ], [], null, 1, true, { 0: READ }]), 'the non-string scope %s', (scope) =>
    refused('C08', 'malformed_claims', (forge) => forge.token({ scope })),
  ),
  ...forEach(asJson(SCOPES), 'the scope %s', (scope) =>
    refused(scope.trim() === '' ? 'C08' : 'C09', 'insufficient_scope', (forge) => forge.token({ scope })),
  ),
  ...tokens('C09', 'insufficient_scope', {
    'a token with the required scope only in other claims': (forge) =>
      forge.token({ scope: 'nav:other', scp: READ, scopes: [READ] }),
  }),
  ...forEach(asJson(INVALID_ORGANISATIONS), 'the invalid consumer %s', (consumer) =>
    refused('C10', 'malformed_claims', (forge) => forge.token({ consumer })),
  ),
  ...forEach(CONSUMERS, 'the consumer %s, where only another one is allowed,', (consumer) =>
    notAllowed('C10', { consumer }),
  ),
  ...forEach(asJson(INVALID_ORGANISATIONS), 'the invalid supplier %s', (supplier) =>
    refused('C11', 'malformed_claims', (forge) => forge.token({ supplier })),
  ),
  ...forEach(
    asJson([null, 1, {}, ['https://www.altinn.no']]),
    'the invalid delegation source %s',
    (delegation_source) =>
      refused('C11', 'malformed_claims', (forge) =>
        forge.token({ supplier: upis(OTHER), delegation_source }),
      ),
  ),
  {
    title: 'an allowed organisation that is only the supplier',
    ...notAllowed('C11', { consumer: upis(OTHER), supplier: ALLOWED }),
  },
  {
    title: 'an allowed organisation named only in client_id, client_orgno and sub',
    ...notAllowed('C11', {
      consumer: upis(OTHER),
      client_id: WRITER,
      client_orgno: WRITER,
      sub: ALLOWED.ID,
    }),
  },
]
