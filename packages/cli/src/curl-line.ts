/** A line for a shell. A token has no quotes, and those of the URL are escaped. */
export function curlLine(token: string, url: string): string {
  return `curl -i -H 'Authorization: Bearer ${token}' '${url.replaceAll("'", "'\\''")}'`
}
