// @ts-check

/**
 * The fenced blocks of a Markdown text.
 *
 * @param {string} text
 * @returns {readonly { readonly line: number, readonly language: string, readonly code: string }[]}
 */
export function fencesOf(text) {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: language = '', 2: code = '' }) => ({
      line: text.slice(0, index).split('\n').length,
      language,
      code,
    }),
  )
}
