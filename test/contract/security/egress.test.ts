import { exec } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { outboundDuring } from './egress.js'

const own = new URL(import.meta.url)

test.each<[string, RegExp, () => Promise<unknown>]>([
  ['a DNS lookup', /^GETADDRINFOREQWRAP$/, () => lookup('localhost')],
  // Node 26 has a different name for this resource type.
  ['an asynchronous file read', /^FSREQ(PROMISE|CALLBACK)$/, () => readFile(own)],
  ['a synchronous file read', /^readFileSync$/, async () => readFileSync(own)],
  [
    'an opened connection',
    /^TCPCONNECTWRAP$/,
    () => once(connect(1, '127.0.0.1'), 'close').catch(() => undefined),
  ],
  ['a started program', /^PROCESSWRAP$/, () => once(exec('true'), 'close')],
])('outboundDuring records %s', async (_title, type, work) => {
  expect(await outboundDuring(work)).toContainEqual(expect.stringMatching(type))
})
