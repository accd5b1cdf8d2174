import { startProcess } from '../../processes.mjs'

const SCRIPT = new URL('call-process.mjs', import.meta.url)

/** Starts the process of a contestant that has no server. Its wrong answers are reported as problems. */
export async function startCalls(name, setting, problem) {
  const process = await startProcess(SCRIPT, { name, ...setting })
  return {
    ...process,
    async ask(operation, input) {
      const answer = await process.ask(operation, input)
      if (answer?.wrong > 0) problem(`${name}: ${answer.wrong} wrong answers to ${JSON.stringify(input)}`)
      return answer
    },
  }
}
