import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const APP = fileURLToPath(new URL('long-token-app.mjs', import.meta.url))

/** The status of a call with a token of 27 KB, where `maxTokenLength` is 64 KiB. */
async function statusUnder(...flags: readonly string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [...flags, APP])).stdout
}

describe('a token that is longer than 16 KiB, where `maxTokenLength` allows it,', () => {
  it('with Node’s own limit is 431', async () => {
    expect(await statusUnder()).toBe('431')
  })

  it('with a higher limit of Node’s is let in', async () => {
    expect(await statusUnder('--max-http-header-size=65536')).toBe('200')
  })
})
