import type { ServedMockMaskinporten } from './dist/index.js' with { 'resolution-mode': 'import' }

/** For Jest, which awaits it: starts the mock and sets the variables. */
declare function setUp(): Promise<void>

declare namespace setUp {
  /** The mock that was started. */
  const maskinporten: ServedMockMaskinporten
}

export = setUp
