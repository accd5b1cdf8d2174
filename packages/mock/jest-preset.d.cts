/** The Jest preset, which is selected by its name: `preset: '@portvakt/mock'`. */
export declare const setupFiles: string[]
export declare const transform: Record<string, string>
export declare const transformIgnorePatterns: string[]
