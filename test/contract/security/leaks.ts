import { inspect } from 'node:util'
import { MaskinportenError } from '@portvakt/core'

/** Length of a piece in characters. Shorter pieces also occur in harmless text. */
const PIECE = 12

/** Finds pieces of secrets in output. */
export class LeakScanner {
  readonly #pieces = new Set<string>()
  readonly #whole = new Set<string>()

  /** Adds every piece of a secret. Secrets shorter than a piece are ignored. */
  guard(secret: string): void {
    for (let at = 0; at + PIECE <= secret.length; at++) this.#pieces.add(secret.slice(at, at + PIECE))
  }

  /** Adds a secret as a whole, such as a person's number, which is shorter than a piece. */
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

/** Returns all text that logging a value or reading its members can show. */
export function everythingShownOf(value: unknown): string {
  const shown = [inspect(value, { depth: 8, showHidden: true, getters: true }), String(value)]
  const json: unknown = JSON.stringify(value)
  if (typeof json === 'string') shown.push(json)
  shown.push(...textsIn(value))
  if (value instanceof MaskinportenError) shown.push(JSON.stringify({ ...value }))
  return shown.join('\n')
}

/** The texts and bytes in own members at any depth, including hidden ones, symbols, causes and stacks. */
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
