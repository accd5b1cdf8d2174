import { createHook } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Node's resource types for outbound traffic: DNS lookups, opened connections, files and started programs.
 * The list leaves out accepted connections.
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

/** Synchronous file functions, which create no async resource. */
const SYNCHRONOUS = ['openSync', 'readFileSync', 'readdirSync', 'writeFileSync'] as const

let seen: string[] | undefined

const hook = createHook({
  init: (_id, type) => {
    if (OUTBOUND.has(type)) seen?.push(type)
  },
})

// The functions are replaced once for all tests, because `syncBuiltinESMExports` is slow.
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
