import { codeOf, ERRORS_PATH, type GrantErrorCode, type RefusalName, refusalOf } from './grant-refusals.js'

export class GrantError extends Error {
  override readonly name = 'GrantError'

  /**
   * @param detail the mock's own explanation, in one or more sentences. It must not contain the assertion or a
   * key, or identify a person.
   * @param values values for the names in braces in Digdir's sentence
   */
  constructor(
    readonly refusal: RefusalName,
    detail: string,
    values: Readonly<Record<string, string>> = {},
  ) {
    const sentence = refusalOf(refusal).sentence.replace(/\{(\w+)\}/g, (_match, name: string) =>
      (values[name] ?? '').slice(0, LONGEST_VALUE),
    )
    super(`${sentence}${sentence.endsWith('.') ? '' : '.'} ${detail}`.replace(FORBIDDEN, '?'))
  }

  /** Maskinporten's code, for example `MP-250`; undefined if Digdir documents no code for the refusal. */
  get code(): GrantErrorCode | undefined {
    return codeOf(this.refusal)
  }

  get status(): 400 | 403 {
    return refusalOf(this.refusal).status
  }

  /**
   * Returns the body of the answer (RFC 6749 §5.2).
   *
   * @param traceId 32 hexadecimal digits, for Digdir's support
   */
  body(issuer: string, traceId: string) {
    const uri = this.code && new URL(`${ERRORS_PATH}/${this.code}`, issuer).href
    return {
      error: refusalOf(this.refusal).error,
      error_description: `${this.message} (trace_id: ${traceId})`,
      ...(uri !== undefined && { error_uri: uri }),
    }
  }
}

/** Maximum length of a value from the request in a description, in UTF-16 units. */
const LONGEST_VALUE = 100

/**
 * Matches characters that are not allowed in `error_description`. RFC 6749 §5.2 allows printable ASCII without
 * `"` and `\`.
 */
const FORBIDDEN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/gu
