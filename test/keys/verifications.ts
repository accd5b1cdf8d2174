import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll, vi } from 'vitest'

/** Spies on Node's verification of a signature, until the tests of the file have run. */
export function spyOnVerifications() {
  const spy = vi.spyOn(crypto, 'verify')
  syncBuiltinESMExports()
  afterAll(() => {
    spy.mockRestore()
    syncBuiltinESMExports()
  })
  return spy
}
