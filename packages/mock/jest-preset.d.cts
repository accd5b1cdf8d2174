/** The preset for Jest: `preset: '@portvakt/mock'`. */
declare const preset: {
  readonly setupFiles: string[]
  readonly transform: Record<string, string>
  readonly transformIgnorePatterns: string[]
}

export = preset
