export const ok = async () => 'ok'

/** Options with which Fastify logs its warnings and errors to `lines`. */
export const loggingTo = (lines: string[]) => ({
  logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } },
})
