import { SENTENCE_HINTS, type SentenceWithoutCode } from './hints.js'

/** What the sentence of a refusal means: one of Maskinporten's codes, or a refusal that has no code. */
export type Meaning = { readonly code: string } | { readonly sentence: SentenceWithoutCode }

/**
 * Digdir's sentences by code. Texas hands on no `error_uri`, so that behind Texas only the sentence tells which
 * refusal it is.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking
 */
const SENTENCES: readonly (readonly [words: string | RegExp, code: string])[] = [
  ['Invalid parameter value', 'MP-011'],
  ['Grant is used before', 'MP-012'],
  ['Client not found', 'MP-100'],
  ['Invalid JWT claim aud', 'MP-110'],
  ['The JWT is signed with an invalid certificate', 'MP-120'],
  ['Expired key', 'MP-121'],
  ['Invalid organization number for client', 'MP-122'],
  ['Invalid JWT header x5c', 'MP-123'],
  ['Invalid JWT signature', 'MP-124'],
  ['JWT is expired', 'MP-130'],
  ['Token request contains invalid scopes for client', 'MP-200'],
  ['Token request contains scopes not allowed for maskinporten', 'MP-201'],
  [/^consumer (?:\S{1,40} )?has not been granted access to the scope/i, 'MP-250'],
  [/^consumer (?:\S{1,40} )?has not delegated access to the scope/i, 'MP-251'],
  ['Unknown authorization details type', 'MP-301'],
  ['Unknown fields in the authorization details', 'MP-302'],
  ['Invalid authorization details values', 'MP-303'],
]

const MEANINGS: readonly (readonly [begins: RegExp, meaning: Meaning])[] = [
  ...SENTENCES.map(([words, code]) => [beginning(words), { code }] as const),
  ...sentencesWithoutCode().map((sentence) => [beginning(sentence), { sentence }] as const),
]

/** General words in front of a sentence. */
const PREFIX = /^(?:(?:invalid assertion|client authentication failed|invalid jwt)\. *)+/i

/** What Maskinporten answers for a client that it does not know, or cannot authenticate, with nothing after it. */
const NOT_AUTHENTICATED = /^(?:invalid assertion\. *)?client authentication failed[. ]*$/i

/**
 * Finds the sentence that begins a description. Only its beginning counts: what follows may be the name of a
 * scope, or a value of the request.
 *
 * @param description without its trace id
 */
export function meaningOf(description: string): Meaning | undefined {
  if (NOT_AUTHENTICATED.test(description)) return { code: 'MP-100' }
  const sentence = description.replace(PREFIX, '')
  return MEANINGS.find(([begins]) => begins.test(sentence))?.[1]
}

/** Whole words only: a longer word would be another sentence. */
function beginning(words: string | RegExp): RegExp {
  const source = typeof words === 'string' ? `^${words.replace(/[()]/g, '\\$&')}` : words.source
  return new RegExp(`${source}(?![a-z0-9])`, 'i')
}

function sentencesWithoutCode(): readonly SentenceWithoutCode[] {
  // The keys of an object literal that no other module changes.
  return Object.keys(SENTENCE_HINTS) as SentenceWithoutCode[]
}
