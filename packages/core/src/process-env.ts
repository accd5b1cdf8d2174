/** The process's environment variables, or none where a runtime has or allows none. */
export function environmentVariables(): Readonly<Record<string, string | undefined>> {
  try {
    const { process } = globalThis as unknown as {
      process: { env?: Record<string, string | undefined> }
    }
    return process.env ?? {}
  } catch {
    // There is no process, or it is Deno's, which throws where access is not granted: the same as not set.
    return {}
  }
}
