/** Encodes a value, with its length in the shortest form (X.690 §10.1). */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const length = bytesOf(content.length)
  const prefix = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 + length.length, ...length]
  return Buffer.concat([Buffer.from(prefix), content])
}

/** Returns the bytes of a number, big-endian and without leading zeros. */
function bytesOf(value: number): number[] {
  return value < 0x100 ? [value] : [...bytesOf(value >>> 8), value & 0xff]
}

export const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
/** Encodes a set with a single value. In DER, several values would have to be sorted. */
export const setOf = (part: Uint8Array) => der(0x31, part)
/** Encodes an integer in two's complement, in which the first bit is the sign. */
export const integer = (...bytes: readonly number[]) => der(0x02, Uint8Array.from(bytes))
export const utf8String = (text: string) => der(0x0c, Buffer.from(text))
export const octetString = (bytes: Uint8Array) => der(0x04, bytes)
/** Encodes a bit string. The leading 0 is the number of unused bits in the last byte. */
export const bitString = (bytes: Uint8Array) => der(0x03, Uint8Array.of(0), bytes)
export const TRUE = der(0x01, Uint8Array.of(0xff))
export const NULL = der(0x05)
/** Encodes an explicitly tagged value, for example `[0]` in X.509. */
export const tagged = (number: number, part: Uint8Array) => der(0xa0 + number, part)

/** @param dotted for example `2.5.4.3` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number)
  return der(0x06, Uint8Array.from([first * 40 + second, ...arcs].flatMap(base128)))
}

/** Encodes a number with seven bits in each byte. Every byte except the last has its high bit set. */
function base128(arc: number): number[] {
  const bytes = [arc & 0x7f]
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

/**
 * Encodes a time as UTCTime until 2049 and as GeneralizedTime after that (RFC 5280 §4.1.2.5).
 *
 * @param at milliseconds since the epoch
 */
export function time(at: number): Buffer {
  const text = `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`
  const year = Number(text.slice(0, 4))
  return year >= 1950 && year < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text))
}
