/** The instructions of a Dockerfile in order. */
export function instructionsOf(text: string): readonly (readonly [name: string, value: string])[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', value = ''] = /^(\w+) (.*)$/.exec(line) ?? []
      return [name, value]
    })
}

/** The words of a command in JSON form. */
export function wordsOf(text: string, name: string): readonly string[] {
  const [, value = ''] = instructionsOf(text).find(([one]) => one === name) ?? []
  return JSON.parse(value.slice(value.indexOf('[')))
}
