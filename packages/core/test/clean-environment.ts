import { afterEach, beforeEach, vi } from 'vitest'

/** Removes NAIS's variables before each test of the file, and restores the environment after each test. */
export function useCleanEnvironment(): void {
  beforeEach(() => {
    for (const name of Object.keys(process.env))
      if (/^(MASKINPORTEN|NAIS)_/.test(name)) vi.stubEnv(name, undefined)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })
}

export function setVariables(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}
