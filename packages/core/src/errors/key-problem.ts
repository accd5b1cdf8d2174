/** Why a published key is not used. Stable names, for `health()`, events and alerts. */
export type KeyProblem = keyof typeof KEY_PROBLEMS

/** Each text completes the sentence “The key is published, but …”. */
export const KEY_PROBLEMS = {
  not_rsa: 'it is not an RSA key',
  no_key_id: 'it has no `kid` of 1 to 256 printable ASCII characters',
  private_key: 'its private part is also published',
  not_for_verifying: 'its `use` or `key_ops` does not allow verifying signatures',
  wrong_exponent: 'its public exponent is not 65537',
  wrong_modulus: 'its modulus is not an odd number of 2048 to 8192 bits in base64url',
  wrong_algorithm: 'its `alg` is not among `algorithms`',
  shared_key_id: 'another key has the same `kid`',
  not_importable: 'the runtime’s cryptography cannot import it',
} as const
