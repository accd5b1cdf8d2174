const OTHER_PORT = 'with `port` (`--port` on the command line)'
const OTHER_HOSTNAME = 'Correct `hostname` (`--hostname` on the command line)'

/** What to do, by the system's code. */
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: `another program listens there, perhaps another mock. Stop it, or choose another port ${OTHER_PORT}; 0 is any free one`,
  EACCES: `this user may not listen on that port. Choose a port from 1024 ${OTHER_PORT}`,
  EADDRNOTAVAIL: `this machine does not have that address. ${OTHER_HOSTNAME}`,
  ENOTFOUND: `that name has no address. ${OTHER_HOSTNAME}`,
}

/** The error of a server that cannot listen, with what to do. An error with another code is returned unchanged. */
export function listenError(error: unknown, hostname: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const hint = Object.hasOwn(HINTS, code) ? HINTS[code] : undefined
  if (hint === undefined) return error
  return new Error(`The mock cannot listen on ${hostname}, port ${port} (${code}): ${hint}`, { cause: error })
}
