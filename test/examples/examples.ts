import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Starts the main file of an example on a free port. `lines` are the lines that it prints. */
export function startExample(example: string, ...args: readonly string[]) {
  const main = fileURLToPath(new URL(`../../examples/${example}/dist/main.js`, import.meta.url))
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, PORT: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return { lines: createInterface({ input: child.stdout }), stop: () => void child.kill() }
}
