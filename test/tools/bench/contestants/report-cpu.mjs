import { writeSync } from 'node:fs'

/**
 * Loaded before a command. When the process ends, writes the CPU time of the process to file descriptor 3, in
 * milliseconds.
 */
process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  writeSync(3, String((user + system) / 1000))
})
