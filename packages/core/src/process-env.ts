/** The process's environment variables, or none where a runtime has or allows none. */
export function environmentVariables(): Readonly<Record<string, string | undefined>> {
  try {
    const host = globalThis as { process?: { env?: Record<string, string | undefined> } }
    return host.process?.env ?? {}
  } catch {
    // Deno throws where access is not granted: the same as not set.
    return {}
  }
}
