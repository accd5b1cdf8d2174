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

/** Watches for everything that leaves the process while `work` runs; tells what did. */
export async function outboundDuring(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = []
  const hook = createHook({
    init: (_id, type) => {
      if (OUTBOUND.has(type)) seen.push(type)
    },
  }).enable()
  const originals = SYNCHRONOUS.map((name) => [name, fs[name]] as const)
  for (const [name, original] of originals) {
    Object.assign(fs, {
      [name]: (...given: unknown[]) => {
        seen.push(name)
        return Reflect.apply(original, fs, given)
      },
    })
  }
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    hook.disable()
    Object.assign(fs, Object.fromEntries(originals))
    syncBuiltinESMExports()
  }
  return seen
}
