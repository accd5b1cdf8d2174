import { exec } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { expect, it, test } from 'vitest'
import { outboundDuring } from './egress.js'

const own = new URL(import.meta.url)

test.each<[string, string, () => Promise<unknown>]>([
  ['a name that is looked up', 'GETADDRINFOREQWRAP', () => lookup('localhost')],
  ['a file that is read', 'FSREQPROMISE', () => readFile(own)],
  ['a file that is read at once', 'readFileSync', async () => readFileSync(own)],
  [
    'a connection that is opened',
    'TCPCONNECTWRAP',
    () => once(connect(1, '127.0.0.1'), 'close').catch(() => undefined),
  ],
  ['a fetch', 'TCPCONNECTWRAP', () => fetch('http://127.0.0.1:59999/').catch(() => undefined)],
  ['a program that is started', 'PROCESSWRAP', () => once(exec('true'), 'close')],
])('%s is seen', async (_title, type, work) => {
  expect(await outboundDuring(work)).toContain(type)
})

it('what happens before and after is not seen', async () => {
  readFileSync(own)
  expect(await outboundDuring(async () => undefined)).toEqual([])
  readFileSync(own)
  expect(await outboundDuring(async () => undefined)).toEqual([])
})
