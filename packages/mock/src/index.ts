export { DEFAULT_CONSUMER, DEFAULT_SCOPE, type IssueTokenOptions } from './access-token.js'
export {
  createMockMaskinporten,
  type MockClient,
  type MockMaskinporten,
  type MockMaskinportenOptions,
} from './mock-maskinporten.js'
export type { OrganisationClaim } from './organisation-claim.js'
export type { MockClientRegistration, MockDelegation, MockScope } from './registry.js'
export {
  type ServedMockMaskinporten,
  type StartMockMaskinportenOptions,
  startMockMaskinporten,
} from './serve.js'
export type { SignatureAlgorithm } from './signing-keys.js'
export { createTestClock, type TestClock } from './test-clock.js'
