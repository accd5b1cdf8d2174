import { createHook } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * What leaves the process, as Node itself names it: names that are looked up, connections that are opened,
 * files that are read, programs that are started. A connection that is accepted is not among them.
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

/** What reads files without a resource that a hook would see. */
const SYNCHRONOUS = ['openSync', 'readFileSync', 'readdirSync', 'writeFileSync'] as const

let seen: string[] | undefined

const hook = createHook({
  init: (_id, type) => {
    if (OUTBOUND.has(type)) seen?.push(type)
  },
})

/** Once: what is imported by name is only replaced for everybody together, and that is slow. */
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

/** Watches for everything that leaves the process while `work` runs; tells what did. */
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
