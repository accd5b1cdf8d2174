import { takeOptions } from '@portvakt/core/internal'

/**
 * Annotations that decide whether deleting a MaskinportenClient also deletes its client at Digdir. Only the
 * value `"true"` has an effect.
 */
export interface MaskinportenClientAnnotations {
  /** `"true"` keeps the client (nais/digdirator 297cf0f, 2022-04, and 2c1379a, 2023-10). */
  readonly 'digdir.nais.io/preserve'?: string
  /**
   * `"true"` deletes the client. Only older versions of digdirator read this annotation. The current version
   * deletes the client even without it.
   */
  readonly 'digdir.nais.io/delete'?: string
}

/** The effects that removing an app has on the mock. */
export interface AppRemoval {
  /** Whether the client was deleted. A client that was kept still gets tokens. */
  readonly client: 'kept' | 'deleted'
  /** The enabled scopes of the app. Removing an app never removes its scopes or their grants. */
  readonly keptScopes: readonly string[]
  /**
   * How the current or an older version of NAIS behaves differently from the mock. Undefined if there is no
   * difference.
   */
  readonly warning: string | undefined
}

export function decideRemoval(
  annotations: MaskinportenClientAnnotations,
  keptScopes: readonly string[],
): AppRemoval {
  const isPreserved = annotations['digdir.nais.io/preserve'] === 'true'
  const isDeleted = annotations['digdir.nais.io/delete'] === 'true'
  if (isPreserved) return { client: 'kept', keptScopes, warning: isDeleted ? BOTH : undefined }
  if (isDeleted) return { client: 'deleted', keptScopes, warning: keptScopes.length > 0 ? SCOPES : undefined }
  return { client: 'kept', keptScopes, warning: NEITHER }
}

const NEITHER =
  'NAIS deletes this client today (digdirator b11811a, 2026-08): to keep it, annotate the MaskinportenClient with digdir.nais.io/preserve: "true"'
const BOTH =
  'NAIS keeps this client today, as it reads `preserve` alone; older versions read `delete` alone and delete the client'
const SCOPES =
  'NAIS keeps enabled scopes and their grants today, as the mock did; its older pages say that scopes are inactivated and grants revoked. To close a scope, set `enabled: false` and deploy before deleting'

/** @throws {TypeError} for an unknown annotation, or an annotation that is not text */
export function readAnnotations(annotations: MaskinportenClientAnnotations): MaskinportenClientAnnotations {
  const taken = takeOptions(annotations, ['digdir.nais.io/preserve', 'digdir.nais.io/delete'], 'remove')
  for (const [name, value] of Object.entries(taken)) {
    if (typeof value !== 'string')
      throw new TypeError(`\`${name}\` must be text, as every annotation: write 'true'`)
  }
  return taken
}
