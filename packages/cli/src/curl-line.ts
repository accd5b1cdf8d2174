import { quoted } from './shell-word.js'

/** Returns a command for a shell. A token cannot contain quotes. Quotes in the URL are escaped. */
export function curlLine(token: string, url: string): string {
  return `curl -i -H 'Authorization: Bearer ${token}' ${quoted(url)}`
}
