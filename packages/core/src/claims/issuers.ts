/** The issuer of each of Digdir's Maskinporten environments. */
export const ISSUERS = Object.freeze({
  prod: 'https://maskinporten.no/',
  test: 'https://test.maskinporten.no/',
} as const)

/** The issuers of test environments that Digdir shut down in or before 2024. */
export const PHASED_OUT: readonly string[] = Object.freeze([
  'https://ver1.maskinporten.no/',
  'https://ver2.maskinporten.no/',
])
