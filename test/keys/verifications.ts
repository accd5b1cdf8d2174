import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll, vi } from 'vitest'

const isNode = !('bun' in process.versions || 'deno' in process.versions)

/** Spies on signature verification (in node:crypto on Node, else in WebCrypto) until the file's tests end. */
export function spyOnVerifications() {
  const spy = isNode ? vi.spyOn(crypto, 'verify') : vi.spyOn(globalThis.crypto.subtle, 'verify')
  syncBuiltinESMExports()
  afterAll(() => {
    spy.mockRestore()
    syncBuiltinESMExports()
  })
  return spy
}
