import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const APP = fileURLToPath(new URL('long-token-app.mjs', import.meta.url))

/** The status of a call with a token of 27 KB if `maxTokenLength` is 64 KiB. */
async function statusUnder(...flags: readonly string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [...flags, APP])).stdout
}

describe('a token longer than 16 KiB', () => {
  it('a token longer than Node’s default header limit gets 431', async () => {
    expect(await statusUnder()).toBe('431')
  })

  it('a token of 27 KB is allowed with a higher --max-http-header-size', async () => {
    expect(await statusUnder('--max-http-header-size=65536')).toBe('200')
  })
})
