import { safeCause } from './safe-cause.js'

const reported = new WeakSet<object>()

/**
 * Prints on standard error that the application's `onDecision` or `denialBody` failed, because the answer does
 * not show it. Prints once for each function, so that a flood of requests is not a flood of lines. Of an error,
 * prints only the name and the system code: its message can quote the request, and with it the token.
 *
 * @param rule printed in place of an error: what the function must do
 */
export function reportFailure(option: string, own: object, error: unknown, rule?: string): void {
  if (reported.has(own)) return
  reported.add(own)
  try {
    const { name, code = '' } = safeCause(error)
    const text = rule ?? `failed: ${name} ${code}`.trimEnd()
    console.error(`portvakt: \`${option}\` ${text}. This line is printed once.`)
  } catch {
    // An application can replace the console by one that throws.
  }
}
