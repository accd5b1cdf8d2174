/**
 * The rules of NAIS's custom resource definitions for `spec.maskinporten` and the members around it.
 *
 * Source, read on 2026-11-29: nais/liberator 4a88a48 (2026-08-21):
 * `config/crd/bases/nais.io_applications.yaml` and `nais.io_naisjobs.yaml`. A test compares the mock with the
 * verdicts of a running API server (packages/mock/test/nais/verdicts.test.ts).
 */

export interface TextRule {
  readonly pattern: RegExp
  /** The rule in words. Completes the error message "must be …". */
  readonly text: string
}

/**
 * `exposes[].name`. This pattern matches the same texts as the definitions' pattern and takes linear time.
 * The definitions' pattern takes exponential time in a backtracking engine (in V8, one second for 26
 * lower-case letters and a capital).
 */
export const SCOPE_NAME: TextRule = {
  pattern:
    /^(?:[a-zæøå0-9]{2,}|[a-zæøå0-9]+(?:\/[a-zæøå0-9]+)+|[a-zæøå0-9]+(?:\/[a-zæøå0-9]+)*\/?(?::[a-zæøå0-9]+)*:[a-zæøå0-9]{2,})(?:\.[a-zæøå0-9]+)*$/,
  text: 'lower-case letters and digits: one part of at least two characters, or parts with "/" between them, or parts that end in ":" and a part of at least two characters; then any number of parts after "." (for example sykepenger/afp.read, before which NAIS puts prefix and product)',
}

export const PRODUCT: TextRule = { pattern: /^[a-z0-9]+$/, text: 'lower-case letters and digits' }

export const SEPARATOR: TextRule = { pattern: /^[/:.]$/, text: 'one of / : .' }

/** `exposes[].consumers[].orgno`. */
export const ORGANISATION_NUMBER: TextRule = {
  pattern: /^[0-9]{9}$/,
  text: 'an organisation number: nine digits',
}

export const DELEGATION_SOURCE: TextRule = { pattern: /^altinn$/, text: 'altinn' }

export const VISIBILITY: TextRule = { pattern: /^(?:public|private)$/, text: 'public or private' }

/** `exposes[].atMaxAge`, in seconds. */
export const MAX_AGE = { minimum: 30, maximum: 680 }

/** A rule in CEL, the expression language of Kubernetes. The rule also applies when `enabled` is false. */
export const DELEGATION_RULE = {
  source: 'nais/liberator 30ca183',
  date: '2024-06',
  cel: '!has(self.delegationSource) || (has(self.separator) && self.separator == "/")',
  text: 'needs `separator: "/"` next to it, written out even where "/" is the default',
  isKept: (delegationSource: unknown, separator: unknown): boolean =>
    delegationSource === undefined || separator === '/',
}

/** The only `apiVersion` of each kind that exists on the API server. */
export const API_VERSIONS = {
  Application: 'nais.io/v1alpha1',
  Naisjob: 'nais.io/v1',
  MaskinportenClient: 'nais.io/v1',
} as const

export type NaisKind = keyof typeof API_VERSIONS

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'

/** `metadata.namespace`: a label as defined in RFC 1123. */
export const NAMESPACE: TextRule = {
  pattern: new RegExp(`^(?=.{1,63}$)${LABEL}$`),
  text: 'lower-case letters, digits and "-", 63 characters at most (RFC 1123)',
}

/** `metadata.name`: a subdomain as defined in RFC 1123. A Naisjob's name has at most 63 characters. */
export const NAMES: Readonly<Record<NaisKind, TextRule>> = {
  Application: nameOf(253),
  Naisjob: nameOf(63),
  MaskinportenClient: nameOf(253),
}

export const LABEL_VALUE: TextRule = {
  pattern: /^(?=.{0,63}$)(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
  text: 'letters, digits, "-", "_" and ".", 63 characters at most',
}

function nameOf(length: number): TextRule {
  return {
    pattern: new RegExp(`^(?=.{1,${length}}$)${LABEL}(?:\\.${LABEL})*$`),
    text: `lower-case letters, digits, "-" and ".", ${length} characters at most (RFC 1123)`,
  }
}
