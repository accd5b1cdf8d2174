import type { ServedMockMaskinporten } from './dist/index.js' with { 'resolution-mode': 'import' }

/** Starts the mock and sets the variables. Jest awaits this function. */
declare function setUp(): Promise<void>

declare namespace setUp {
  /** The mock that this file has started. */
  const maskinporten: ServedMockMaskinporten
}

export = setUp
