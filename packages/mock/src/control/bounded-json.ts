/** Longest answer, in decoded bytes. A mock sends about 4 KiB for each app. */
const MOST = 1024 * 1024

/**
 * The JSON in a response; undefined when it is not JSON, or longer than 1 MiB.
 *
 * @throws when the connection fails
 */
export async function boundedJson(response: Response): Promise<unknown> {
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (bytes > MOST) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  try {
    return JSON.parse(text + decoder.decode())
  } catch {
    return undefined
  }
}
