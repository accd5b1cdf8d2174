/**
 * Lets the replicas of one process share the work of WebCrypto: a key is imported once, and a signature verified
 * once. Whether a key is fetched or a call waits does not depend on this work, which takes no simulated time.
 */
let running = 0

/** Resolves once no work is left that is ready to run, WebCrypto's threads included. */
export async function settle() {
  do await new Promise(setImmediate)
  while (running > 0)
}

export function shareCrypto() {
  const { subtle } = globalThis.crypto
  const [importKey, verify] = [subtle.importKey.bind(subtle), subtle.verify.bind(subtle)]
  const imported = new Map()
  const verified = new WeakMap()

  subtle.importKey = (format, ...input) =>
    format === 'jwk'
      ? once(imported, JSON.stringify(input), () => importKey(format, ...input))
      : importKey(format, ...input)
  subtle.verify = (algorithm, key, signature, data) => {
    if (!verified.has(key)) verified.set(key, new Map())
    const name = [JSON.stringify(algorithm), textOf(signature), textOf(data)].join(' ')
    return once(verified.get(key), name, () => verify(algorithm, key, signature, data))
  }
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
