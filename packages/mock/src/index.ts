export { DEFAULT_CONSUMER, DEFAULT_SCOPE, type IssueTokenOptions } from './access-token.js'
export type { IssueCertificateOptions, MockCertificate } from './certificate-authority.js'
export type { MockConsent } from './consent.js'
export type { MockDelegation } from './delegation.js'
export type { MockClientRegistration } from './mock-client.js'
export {
  createMockMaskinporten,
  type MockClient,
  type MockMaskinporten,
  type MockMaskinportenOptions,
} from './mock-maskinporten.js'
export type { MockScope } from './mock-scope.js'
export { type CheckManifestOptions, checkManifest } from './nais/check-manifest.js'
export type { GuardRequirement } from './nais/guarded-scopes.js'
export { ManifestError, type ManifestProblem } from './nais/manifest-error.js'
export type { NaisManifest, ProvisionOptions } from './nais/manifest-source.js'
export type { ProvisionedApp } from './nais/provisioned-app.js'
export type { TemplateVariables } from './nais/template-variables.js'
export type { OrganisationClaim } from './organisation-claim.js'
export {
  type ServedMockMaskinporten,
  type StartMockMaskinportenOptions,
  startMockMaskinporten,
} from './serve.js'
export type { SignatureAlgorithm } from './signing-keys.js'
export type { AuthorizationDetail, MockSystemUser } from './system-user.js'
export { createTestClock, type TestClock } from './test-clock.js'
