import { randomBytes } from 'node:crypto'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createMockMaskinporten } from '@portvakt/mock'
import { answerWith } from '../processes.mjs'
import { FIELDS } from './fields.mjs'
import {
  AUDIENCE,
  HEADER_LENGTHS,
  ISSUER,
  LARGE,
  LARGE_KEY,
  MALFORMED,
  SCOPE,
  SCOPE_COUNTS,
  TOKEN_SIZES,
} from './setting.mjs'

/** Signs the sets of tokens. The file of a set has tokens of equal length, without separators. */

const DAY = 24 * 60 * 60
const FEW = 200

answerWith({
  async open({ folder, edition, count }) {
    const mock = await createMockMaskinporten({ issuer: ISSUER })
    const issue = (options) =>
      mock.issueToken({ scope: SCOPE, audience: AUDIENCE, expiresIn: DAY, ...options })
    const sets = {}
    const write = async (name, number, make) => {
      const file = `${name.replaceAll(' ', '-')}.tokens`
      sets[name] = { file, count: number, length: await writeTokens(join(folder, file), number, make) }
    }

    const expiresAt = Math.floor(Date.now() / 1000) + DAY
    await write('good', count, () => issue())
    await write('expired', FEW, () => issue({ expiresIn: -60 }))
    await write('wrong scope', FEW, () => issue({ scope: 'nav:bench.else' }))
    for (const scopes of SCOPE_COUNTS) {
      // The required scope comes last, so that a search takes longest.
      const scope = [...Array.from({ length: scopes - 1 }, (_, index) => `nav:bench.${1000 + index}`), SCOPE]
      await write(`${scopes} scopes`, FEW, () => issue({ scope }))
    }
    for (const size of TOKEN_SIZES) await write(`${size} bytes`, FEW, await sized(issue, size))

    const [header, payload, signature] = (await issue()).split('.')
    await write('bad signature', 2000, () => `${header}.${payload}.${noise()}`)
    const naming = (kid) => Buffer.from(JSON.stringify({ kid, alg: 'RS256' })).toString('base64url')
    await write('unknown key', FEW, () => `${naming('x'.repeat(43))}.${payload}.${noise()}`)
    await write(LARGE, FEW, () => `${naming(LARGE_KEY)}.${payload}.${noise(1024)}`)
    const to = { header: decoded(header), payload: decoded(payload), noise }
    for (const [field, build] of Object.entries(FIELDS)) {
      for (const length of HEADER_LENGTHS) await write(`${field} ${length}`, 20, () => build(to, length))
    }
    const malformed = {
      'no dots': () => `${header}${payload}${noise()}`,
      'two parts': () => `${header}.${payload}${noise()}`,
      'wrong character': () => `${header}.${payload}.${noise().slice(0, -1)}*`,
      padded: () => `${header}.${payload}.${noise()}==`,
      'header is no JSON': () => `${noise().slice(0, header.length & ~3)}.${payload}.${signature}`,
    }
    for (const kind of MALFORMED) await write(kind, FEW, malformed[kind])
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ edition, expiresAt, jwks: mock.jwks(), sets }),
    )
  },
})

async function writeTokens(path, count, make) {
  const file = openSync(path, 'w', 0o600)
  let length
  // Many tokens are signed at a time, because signatures are computed in other threads.
  for (let done = 0; done < count; done += 64) {
    const tokens = await Promise.all(Array.from({ length: Math.min(64, count - done) }, make))
    length ??= tokens[0].length
    if (tokens.some((token) => token.length !== length)) {
      throw new Error(`Tokens of a set differ in length: ${path}`)
    }
    writeSync(file, tokens.join(''))
  }
  closeSync(file)
  return length
}

function decoded(part) {
  return JSON.parse(Buffer.from(part, 'base64url'))
}

/** An invalid signature below any modulus of this size, so that rejecting it takes the full computation. */
function noise(size = 256) {
  const bytes = randomBytes(size)
  bytes[0] = 0
  return bytes.toString('base64url')
}

/** Returns a function that issues tokens of about this size, filled with an unused claim. */
async function sized(issue, size) {
  const { length } = await issue({ claims: { filling: '' } })
  const filling = 'x'.repeat(Math.max(0, Math.floor(((size - length) * 3) / 4)))
  return () => issue({ claims: { filling } })
}
