import { writeSync } from 'node:fs'

/** Loaded before a command: writes the milliseconds of CPU time that the process has used, when it ends. */
process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  writeSync(3, String((user + system) / 1000))
})
