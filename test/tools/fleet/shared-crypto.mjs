import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** The number of pending key imports. */
let running = 0

/** Resolves when no more work is ready to run, including in WebCrypto's threads. */
export async function settle() {
  do await new Promise(setImmediate)
  while (running > 0)
}

/**
 * Lets the replicas of one process share cryptographic work: each key is imported once, and each signature
 * verified once. This work takes no simulated time, so sharing it does not change which keys are fetched or
 * which calls wait.
 */
export function shareCrypto() {
  const { subtle } = globalThis.crypto
  const importKey = subtle.importKey.bind(subtle)
  const imported = new Map()
  subtle.importKey = (format, ...input) =>
    format === 'jwk'
      ? once(imported, JSON.stringify(input), () => importKey(format, ...input))
      : importKey(format, ...input)

  const { verify } = crypto
  const keys = new WeakMap()
  const verdicts = new Map()
  crypto.verify = (digest, data, key, signature) => {
    if (!keys.has(key)) keys.set(key, key.export({ type: 'spki', format: 'pem' }))
    const name = [digest, keys.get(key), textOf(signature), textOf(data)].join(' ')
    if (!verdicts.has(name)) verdicts.set(name, verify(digest, data, key, signature))
    return verdicts.get(name)
  }
  syncBuiltinESMExports()
}

function once(results, name, work) {
  let result = results.get(name)
  if (result === undefined) {
    running++
    result = work().finally(() => running--)
    results.set(name, result)
  }
  return result
}

function textOf(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).latin1Slice()
}
