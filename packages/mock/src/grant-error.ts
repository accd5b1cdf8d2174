/** The error codes of Maskinporten's token endpoint that the mock gives, with their OAuth error and status. */
const ERRORS = {
  'MP-011': { error: 'invalid_request', status: 400 },
  'MP-012': { error: 'invalid_grant', status: 400 },
  'MP-100': { error: 'invalid_grant', status: 400 },
  'MP-110': { error: 'invalid_grant', status: 400 },
  'MP-120': { error: 'invalid_grant', status: 400 },
  'MP-121': { error: 'invalid_grant', status: 400 },
  'MP-122': { error: 'invalid_grant', status: 400 },
  'MP-123': { error: 'invalid_grant', status: 400 },
  'MP-124': { error: 'invalid_grant', status: 400 },
  'MP-130': { error: 'invalid_grant', status: 400 },
  'MP-200': { error: 'invalid_scope', status: 400 },
  'MP-201': { error: 'invalid_scope', status: 400 },
  'MP-250': { error: 'forbidden', status: 403 },
  'MP-251': { error: 'forbidden', status: 403 },
  'MP-301': { error: 'invalid_request', status: 400 },
  'MP-302': { error: 'invalid_request', status: 400 },
  'MP-303': { error: 'invalid_request', status: 400 },
} as const

/** A code of Maskinporten's token endpoint. */
export type GrantErrorCode = keyof typeof ERRORS

/** A refused grant. */
export class GrantError extends Error {
  override readonly name = 'GrantError'

  /** @param detail what was expected and what came; never the assertion or a key */
  constructor(
    readonly code: GrantErrorCode,
    detail: string,
  ) {
    super(`${code}: ${detail}`)
  }

  get status(): 400 | 403 {
    return ERRORS[this.code].status
  }

  /** RFC 6749 §5.2. */
  get body(): { error: string; error_description: string } {
    return { error: ERRORS[this.code].error, error_description: this.message }
  }
}
