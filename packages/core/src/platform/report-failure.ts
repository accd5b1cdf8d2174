import { safeCause } from './safe-cause.js'

const reported = new WeakSet<object>()

/**
 * Prints on standard error that the application's `onDecision` or `denialBody` failed, because the answer does
 * not show it. Prints once for each function, so that a flood of requests is not a flood of lines. Of an error,
 * prints only the name and the system code: its message can quote the request, and with it the token.
 */
export function reportFailure(option: string, own: object, failure: unknown): void {
  if (reported.has(own)) return
  reported.add(own)
  try {
    const { name, code = '' } = safeCause(failure)
    const text = typeof failure === 'string' ? failure : `failed: ${name} ${code}`.trimEnd()
    console.error(`portvakt: \`${option}\` ${text}. This line is printed once.`)
  } catch {
    // An application can replace the console by one that throws.
  }
}
