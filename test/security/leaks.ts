import { inspect } from 'node:util'
import { MaskinportenError } from '@portvakt/core'

/** Shorter pieces are found in innocent text. */
const PIECE = 12

/** Finds secrets in what was shown to somebody. */
export class LeakScanner {
  readonly #pieces = new Set<string>()
  readonly #whole = new Set<string>()

  /** Every piece of this must stay unseen; what is shorter than a piece is no secret. */
  guard(secret: string): void {
    for (let at = 0; at + PIECE <= secret.length; at++) this.#pieces.add(secret.slice(at, at + PIECE))
  }

  /** A person's number is shorter than a piece, and a secret as a whole. */
  guardWhole(secret: string): void {
    this.#whole.add(secret)
  }

  /** The pieces found in a text. */
  findIn(text: string): string[] {
    const found = new Set([...this.#whole].filter((secret) => text.includes(secret)))
    for (let at = 0; at + PIECE <= text.length; at++) {
      const piece = text.slice(at, at + PIECE)
      if (this.#pieces.has(piece)) found.add(piece)
    }
    return [...found]
  }
}

/** All that can be got out of a value by somebody who logs it, or looks through its members. */
export function everythingShownOf(value: unknown): string {
  const shown = [inspect(value, { depth: 8, showHidden: true, getters: true }), String(value)]
  const json: unknown = JSON.stringify(value)
  if (typeof json === 'string') shown.push(json)
  shown.push(...textsIn(value))
  if (value instanceof MaskinportenError) shown.push(JSON.stringify({ ...value }))
  return shown.join('\n')
}

/** Every text and every byte that own members lead to, hidden ones, symbols, causes and stacks included. */
function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string' || typeof value === 'symbol') return [String(value)]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value)]
  return Reflect.ownKeys(value).flatMap((key) => [
    String(key),
    ...textsIn(Reflect.get(value, key, value), seen),
  ])
}
