import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll, vi } from 'vitest'

const isNode = !('bun' in process.versions || 'deno' in process.versions)

/** Spies on signature verification until the file's tests end: in node:crypto, or elsewhere in WebCrypto. */
export function spyOnVerifications() {
  const spy = isNode ? vi.spyOn(crypto, 'verify') : vi.spyOn(globalThis.crypto.subtle, 'verify')
  syncBuiltinESMExports()
  afterAll(() => {
    spy.mockRestore()
    syncBuiltinESMExports()
  })
  return spy
}
