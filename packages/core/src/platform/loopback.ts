/**
 * Whether a URL leads to this machine. Only whole addresses: `127.evil.example` is somebody else's name.
 * @example
 * isLoopback(new URL('http://127.0.0.1:8089/')) // true
 */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
