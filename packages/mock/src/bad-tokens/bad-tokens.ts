import type { MaskinportenReason } from '@portvakt/core'
import { type IssueTokenOptions, takeTokenOptions } from '../maskinporten/access-token.js'
import { ACCESS_RECIPES } from './access.js'
import { ALGORITHM_RECIPES } from './algorithm.js'
import { CLAIM_RECIPES } from './claims.js'
import { COMPACT_JWS_RECIPES } from './compact-jws.js'
import { Forge, type ForgeMaterial, type Recipe } from './forge.js'
import { HEADER_RECIPES } from './header.js'
import { ORIGIN_RECIPES } from './origin.js'
import { SIGNATURE_RECIPES } from './signature.js'

const RECIPES = {
  ...ALGORITHM_RECIPES,
  ...SIGNATURE_RECIPES,
  ...COMPACT_JWS_RECIPES,
  ...HEADER_RECIPES,
  ...CLAIM_RECIPES,
  ...ORIGIN_RECIPES,
  ...ACCESS_RECIPES,
}

/** The name of a kind of bad token. */
export type BadTokenName = keyof typeof RECIPES

/** A kind of bad token, and how an API must answer it. */
export interface BadToken {
  readonly name: BadTokenName
  /** The token's defect, in one line. */
  readonly meaning: string
  /** The status with which an API must answer. */
  readonly status: 401 | 403
  /**
   * The reason with which a guard refuses the token, if `issuer` is the guard's only option and names this
   * mock.
   */
  readonly reason: MaskinportenReason
  /** The requirement that the token violates. An API without this requirement is right to accept the token. */
  readonly onlyWith?: 'audience' | 'consumers'
}

/**
 * Every kind of bad token.
 * @example
 * for (const { name, meaning } of BAD_TOKENS) console.log(name, meaning)
 */
export const BAD_TOKENS: readonly BadToken[] = Object.freeze(
  // `Object.entries` types the names as `string`.
  (Object.entries(RECIPES) as [BadTokenName, Recipe][]).map(([name, { meaning, reason }]) => {
    const isForbidden = reason === 'insufficient_scope' || reason === 'consumer_not_allowed'
    return Object.freeze({
      name,
      meaning,
      status: isForbidden ? 403 : 401,
      reason,
      ...(reason === 'wrong_audience' && { onlyWith: 'audience' as const }),
      ...(reason === 'consumer_not_allowed' && { onlyWith: 'consumers' as const }),
    })
  }),
)

/**
 * @param options the content of a good token
 * @throws {TypeError} for an unknown kind, and for a wrong option
 */
export async function makeBadToken(
  name: BadTokenName,
  material: ForgeMaterial,
  options: IssueTokenOptions,
): Promise<string> {
  if (!Object.hasOwn(RECIPES, name))
    throw new TypeError(`There is no bad token "${name}"; BAD_TOKENS lists the names`)
  const { make } = RECIPES[name]
  const forge = new Forge(material, takeTokenOptions(options, 'badToken'))
  return typeof make === 'function' ? make(forge) : forge.issue(make)
}
