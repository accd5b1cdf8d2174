import { createHook } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Node's resource types for outbound traffic: DNS lookups, opened connections, files and started programs. Accepted
 * connections are not included.
 */
const OUTBOUND: ReadonlySet<string> = new Set([
  'DNSCHANNEL',
  'FILEHANDLE',
  'FSREQCALLBACK',
  'FSREQPROMISE',
  'GETADDRINFOREQWRAP',
  'GETNAMEINFOREQWRAP',
  'PIPECONNECTWRAP',
  'PROCESSWRAP',
  'QUERYWRAP',
  'TCPCONNECTWRAP',
  'TLSWRAP',
  'UDPSENDWRAP',
  'UDPWRAP',
])

/** File functions without an async resource. */
const SYNCHRONOUS = ['openSync', 'readFileSync', 'readdirSync', 'writeFileSync'] as const

let seen: string[] | undefined

const hook = createHook({
  init: (_id, type) => {
    if (OUTBOUND.has(type)) seen?.push(type)
  },
})

// Replaced once for all tests: `syncBuiltinESMExports` is slow.
for (const name of SYNCHRONOUS) {
  const original = fs[name]
  Object.assign(fs, {
    [name]: (...given: unknown[]) => {
      seen?.push(name)
      return Reflect.apply(original, fs, given)
    },
  })
}
syncBuiltinESMExports()

/** Returns the outbound traffic and file access while `work` runs. */
export async function outboundDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const during: string[] = []
  seen = during
  hook.enable()
  try {
    await work()
  } finally {
    hook.disable()
    seen = undefined
  }
  return during
}
