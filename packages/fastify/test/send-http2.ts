import { createConnection } from 'node:net'

/**
 * GETs /read over HTTP/2 with exactly these Authorization headers, and returns the status. Frame by frame
 * (RFC 9113 §4.1), as Node's own client refuses to send that header twice.
 */
export function sendHttp2(port: number, authorization: readonly string[]): Promise<number> {
  const block = Buffer.concat([
    // RFC 7541 appendix A: `:method: GET` and `:scheme: http` by their index.
    Buffer.from([0x82, 0x86]),
    field(':path', '/read'),
    field(':authority', 'localhost'),
    ...authorization.map((value) => field('authorization', value)),
  ])
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      socket.write(frame(SETTINGS, 0, 0))
      socket.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, block))
    })
    let received = Buffer.alloc(0)
    socket.on('error', reject).on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
        const payload = received.subarray(9, 9 + received.readUIntBE(0, 3))
        if (received[3] === HEADERS) {
          socket.destroy()
          resolve(statusOf(payload))
        }
        received = received.subarray(9 + payload.length)
      }
    })
  })
}

const HEADERS = 1
const SETTINGS = 4
const END_STREAM = 1
const END_HEADERS = 4

function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** RFC 7541 §6.2.2: a literal that is not indexed. */
function field(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)])
}

/** RFC 7541 §5.1 and §5.2: the length in seven bits and as many more as it takes, then the bytes. */
function text(value: string): Buffer {
  const length = [Math.min(value.length, 127)]
  if (value.length >= 127) {
    let rest = value.length - 127
    for (; rest >= 128; rest >>= 7) length.push((rest % 128) + 128)
    length.push(rest)
  }
  return Buffer.concat([Buffer.from(length), Buffer.from(value)])
}

/** `:status` comes first: by its index (200, 400), or as digits that are Huffman-coded (401). */
function statusOf(block: Buffer): number {
  const [first = 0] = block
  const indexed: Readonly<Record<number, number>> = { 136: 200, 140: 400 }
  return indexed[first] ?? (block.subarray(1, 4).equals(Buffer.from([0x82, 0x68, 0x01])) ? 401 : 0)
}
