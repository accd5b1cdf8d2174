import { createPrivateKey, createPublicKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { ClientKey } from '@portvakt/client'
import { describeTime } from '../describe-time.js'
import { shellWord } from '../shell-word.js'
import { cliVariables } from '../variables.js'
import { type Finding, Problem } from './diagnosis.js'

/**
 * Checks that a key can sign, and that the parts of the key belong together. Runs after the step `client`, in
 * which the client accepts the form of the key.
 *
 * @param given the key to check; undefined means the key in MASKINPORTEN_CLIENT_JWK
 * @param file the file that holds the key
 */
export async function checkKey(given: ClientKey | undefined, file: string | undefined): Promise<Finding> {
  const { key, name } = readKey(given ?? { jwk: cliVariables().read('MASKINPORTEN_CLIENT_JWK') ?? '' })
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048)
    throw new Problem('the key is not an RSA key of 2048 bits or more', 'make another: `portvakt keygen`')
  if (!canSign(key)) throw new Problem('the parts of the key do not belong together', COPY_AGAIN)
  const certificate =
    given && 'certificateChain' in given ? checkCertificate(given.certificateChain, key) : ''
  const detail = `RSA, ${bits} bits, ${name}${certificate}`
  return file !== undefined && (await isOpen(file))
    ? { detail, fix: `other users can read it: chmod 600 ${shellWord(file)}` }
    : detail
}

/**
 * Signs a text and verifies the signature, because well-formed parts of a key can be damaged or belong to
 * different keys.
 */
function canSign(key: KeyObject): boolean {
  const probe = Buffer.from('portvakt doctor')
  try {
    return verify('sha256', probe, createPublicKey(key), sign('sha256', probe, key))
  } catch {
    return false
  }
}

const COPY_AGAIN = 'copy the whole key again, or make another: `portvakt keygen`'

/** @throws {Problem} without Node's own error, which can quote the key */
function readKey(given: ClientKey): { readonly key: KeyObject; readonly name: string } {
  try {
    if ('jwk' in given) {
      const jwk = typeof given.jwk === 'string' ? parseJwk(given.jwk) : given.jwk
      return { key: createPrivateKey({ key: { ...jwk }, format: 'jwk' }), name: `kid ${jwk.kid}` }
    }
    if ('pem' in given) {
      const key = createPrivateKey({ key: blockIn(given.pem, 'PRIVATE KEY'), format: 'der', type: 'pkcs8' })
      return { key, name: 'keyId' in given ? `kid ${given.keyId}` : 'with a certificate' }
    }
  } catch {
    // An unreadable key is reported below, with one message for every form of key.
  }
  throw new Problem('the key cannot be read', COPY_AGAIN)
}

/** Accepts JSON, and JSON in base64, as the client does. */
const parseJwk = (text: string) => JSON.parse(plain(text, '{'))

/**
 * Returns the DER of the first block with this label. Like the client, accepts `\n` in place of line breaks,
 * and the whole text in base64.
 */
function blockIn(pem: string, label: string): Buffer {
  const text = plain(pem, '-----BEGIN ').replace(/\\+[nr]/g, '\n')
  const [, body = ''] = text.split(`-----BEGIN ${label}-----`)
  return Buffer.from(body.split('-----END ')[0] ?? '', 'base64')
}

/** Returns the text itself if it contains the mark; if not, the text decoded from base64. */
const plain = (text: string, mark: string) =>
  text.includes(mark) ? text : Buffer.from(text, 'base64').toString('utf8')

function checkCertificate(chain: string, key: KeyObject): string {
  const certificate = new X509Certificate(blockIn(chain, 'CERTIFICATE'))
  const now = Date.now()
  if (!certificate.checkPrivateKey(key))
    throw new Problem(
      'the first certificate is not that of the key',
      'put the client’s own certificate first, followed by those of its issuers',
    )
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  const until = describeTime(to / 1000, now / 1000)
  if (now < from || now > to)
    throw new Problem(
      `the certificate is not valid now (until ${until})`,
      'order a new enterprise certificate',
    )
  return ` until ${until}`
}

async function isOpen(file: string): Promise<boolean> {
  // Windows does not have these permission bits.
  return process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0
}
