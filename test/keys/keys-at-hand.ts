import crypto, { createPrivateKey, createPublicKey } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { promisify } from 'node:util'
import { inject } from 'vitest'

/**
 * Hands out RSA keys that were made once for the whole run. Making them is what tests would
 * otherwise wait for most, and how they are made is Node's, not ours to test. Every other key is made as usual.
 */
const rsaKeys = inject('rsaKeys')
const { generateKeyPair, generateKeyPairSync } = crypto
let handedOut = 0

type Options = { readonly modulusLength?: number; readonly publicExponent?: number }

function pairAtHand(type: string, { modulusLength, publicExponent = 0x10001 }: Options) {
  const pems = type === 'rsa' ? (rsaKeys[`${modulusLength}/${publicExponent}`] ?? []) : []
  const pem = pems[handedOut % pems.length]
  if (pem === undefined) return undefined
  handedOut++
  const privateKey = createPrivateKey(pem)
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

Object.assign(crypto, {
  generateKeyPairSync: (type: 'rsa', options: never) =>
    pairAtHand(type, options) ?? generateKeyPairSync(type, options),
  generateKeyPair: Object.assign(() => expectPromisified(), {
    [promisify.custom]: async (type: 'rsa', options: never) =>
      pairAtHand(type, options) ?? promisify(generateKeyPair)(type, options),
  }),
})
syncBuiltinESMExports()

function expectPromisified(): never {
  throw new TypeError('generateKeyPair is used through promisify here')
}
