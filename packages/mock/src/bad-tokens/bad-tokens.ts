import type { MaskinportenReason } from '@portvakt/core'
import { type IssueTokenOptions, takeTokenOptions } from '../maskinporten/access-token.js'
import { ACCESS_RECIPES } from './access.js'
import { ALGORITHM_RECIPES } from './algorithm.js'
import { CLAIM_RECIPES } from './claims.js'
import { SPELLING_RECIPES } from './compact-jws.js'
import { Forge, type ForgeMaterial } from './forge.js'
import { HEADER_RECIPES } from './header.js'
import { ORIGIN_RECIPES } from './origin.js'
import type { Recipe } from './recipe.js'
import { SIGNATURE_RECIPES } from './signature.js'

const RECIPES = {
  ...ALGORITHM_RECIPES,
  ...SIGNATURE_RECIPES,
  ...SPELLING_RECIPES,
  ...HEADER_RECIPES,
  ...CLAIM_RECIPES,
  ...ORIGIN_RECIPES,
  ...ACCESS_RECIPES,
}

/** What a token can be, other than good. */
export type BadTokenName = keyof typeof RECIPES

/** A kind of bad token, and the right answer to it. */
export interface BadToken {
  readonly name: BadTokenName
  /** What is wrong with it, in a line. */
  readonly meaning: string
  /** Of the right answer. */
  readonly status: 401 | 403
  /** Why a guard refuses it that has this mock's issuer, and otherwise its defaults. */
  readonly reason: MaskinportenReason
  /** What the API must ask for, so that this token is bad at all. */
  readonly onlyWith?: 'audience' | 'consumers'
}

/**
 * Every kind of bad token there is.
 * @example
 * for (const { name, meaning } of BAD_TOKENS) console.log(name, meaning)
 */
export const BAD_TOKENS: readonly BadToken[] = Object.freeze(
  // The names are exactly those of the table.
  (Object.entries(RECIPES) as [BadTokenName, Recipe][]).map(([name, recipe]) => {
    const { meaning, status = 401, reason, onlyWith } = recipe
    return Object.freeze({ name, meaning, status, reason, ...(onlyWith && { onlyWith }) })
  }),
)

/**
 * Makes a token that is good but for one thing.
 *
 * @param options what a good token would be
 * @throws {TypeError} when there is no such kind, and for a wrong option
 */
export async function makeBadToken(
  name: BadTokenName,
  material: ForgeMaterial,
  options: IssueTokenOptions,
): Promise<string> {
  if (!Object.hasOwn(RECIPES, name))
    throw new TypeError(`There is no bad token "${name}"; BAD_TOKENS lists those there are`)
  return RECIPES[name].make(new Forge(material, takeTokenOptions(options, 'badToken')))
}
