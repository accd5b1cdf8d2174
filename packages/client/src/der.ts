/** Reads bytes that are exactly one DER SEQUENCE. Returns its content, or undefined for any other bytes. */
export function readSequence(der: Uint8Array): Uint8Array | undefined {
  const element = readElement(der, 0)
  return element?.tag === 0x30 && element.end === der.length ? element.content : undefined
}

/** Reads the DER element at an offset. Returns undefined if the bytes end before the element does. */
export function readElement(der: Uint8Array, at: number) {
  const [tag, first = 0x80] = der.subarray(at)
  if (first === 0x80 || first > 0x84) return undefined
  const lengthBytes = Math.max(0, first - 0x80)
  const start = at + 2 + lengthBytes
  let length = lengthBytes === 0 ? first : 0
  for (const byte of der.subarray(at + 2, start)) length = length * 256 + byte
  const end = start + length
  return end > der.length ? undefined : { tag, content: der.subarray(start, end), end }
}
