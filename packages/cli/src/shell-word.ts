/** Quotes a text for a POSIX shell, unless the text has only characters that no shell changes. */
export const shellWord = (text: string) => (/^[\w./:@%+-]+$/.test(text) ? text : quoted(text))

export const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
