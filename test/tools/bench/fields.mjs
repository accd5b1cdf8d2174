/**
 * Authorization values in which one unverified field fills the value up to a length. Each value is refused.
 * Each field has a function `(to, length)` that makes a value of at most `length` characters. `to` has the
 * `header` and the `payload` of a valid token as objects, and `noise(bytes)`, which makes a signature.
 */
export const FIELDS = {
  'many header members': grown(({ header, payload, noise }, size) => {
    // Each member takes 12 characters, such as `"m10____":1,`.
    const count = Math.floor(size / 12)
    const members = Array.from({ length: count }, (_, index) => [`m${index}`.padEnd(7, '_'), 1])
    return [{ ...header, ...Object.fromEntries(members) }, payload, noise(256)]
  }),
  'one header member': inHeader('filling'),
  kid: inHeader('kid'),
  alg: inHeader('alg'),
  typ: inHeader('typ'),
  payload: grown(({ header, payload, noise }, size) => [
    header,
    { ...payload, filling: filled(size) },
    noise(256),
  ]),
  signature: grown(({ header, payload, noise }, size) => [header, payload, noise(256 + size)]),
  'no token': (_, length) => 'Bearer '.padEnd(length, 'x'),
  'white space': (_, length) => `${'Bearer'.padEnd(length - 1)}x`,
  'other scheme': (_, length) => 'x'.repeat(length),
}

function inHeader(member) {
  return grown(({ header, payload, noise }, size) => [
    { ...header, [member]: filled(size) },
    payload,
    noise(256),
  ])
}

const filled = (size) => 'x'.repeat(size)
const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** Grows a field of a token by as many bytes as fit: base64url makes four characters of three bytes. */
function grown(partsOf) {
  const written = (to, size) => {
    const [header, payload, signature] = partsOf(to, size)
    return `Bearer ${encoded(header)}.${encoded(payload)}.${signature}`
  }
  return (to, length) => written(to, Math.max(0, Math.floor(((length - written(to, 0).length) * 3) / 4)))
}
