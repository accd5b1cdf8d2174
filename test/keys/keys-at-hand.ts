import crypto, { createPrivateKey, createPublicKey } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { promisify } from 'node:util'
import { inject } from 'vitest'

/**
 * Replaces the generation of RSA keys, the slowest step of most tests, with keys that make-keys.ts creates
 * once for the whole run.
 */
const rsaKeys = inject('rsaKeys')
const { generateKeyPair, generateKeyPairSync } = crypto
let handedOut = 0

type Options = { readonly modulusLength?: number; readonly publicExponent?: number }

function preparedPair(type: string, { modulusLength, publicExponent = 0x10001 }: Options) {
  const pems = type === 'rsa' ? (rsaKeys[`${modulusLength}/${publicExponent}`] ?? []) : []
  const pem = pems[handedOut % pems.length]
  if (pem === undefined) return undefined
  handedOut++
  const privateKey = createPrivateKey(pem)
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

Object.assign(crypto, {
  generateKeyPairSync: (type: 'rsa', options: never) =>
    preparedPair(type, options) ?? generateKeyPairSync(type, options),
  generateKeyPair: Object.assign(refuseCallback, {
    [promisify.custom]: async (type: 'rsa', options: never) =>
      preparedPair(type, options) ?? promisify(generateKeyPair)(type, options),
  }),
})
syncBuiltinESMExports()

function refuseCallback(): never {
  throw new TypeError('In tests, generateKeyPair is only available by promisify')
}
