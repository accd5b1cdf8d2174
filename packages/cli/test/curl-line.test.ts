import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { checkApiUrl } from '../src/api-url.js'
import { curlLine } from '../src/curl-line.js'

it('a shell passes the token and the URL of the curl line to curl unchanged', () => {
  const url = "https://api.example.no/it's?a=$(id)&b=`id`#c"
  const script = `curl() { for word; do printf '%s\\n' "$word"; done; }\n${curlLine('a.b.c', url)}`
  const words = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n')
  expect(words).toEqual(['-i', '-H', 'Authorization: Bearer a.b.c', url])
})

it.each(['https://api.example.no/', 'http://localhost:8080/a'])('`--curl` accepts the URL %s', (url) => {
  expect(() => checkApiUrl(url, '--curl')).not.toThrow()
})

it.each(['http://api.example.no/01010199999', 'api.example.no'])(
  '`--curl` rejects the URL %s, and the error does not quote the URL',
  (url) => {
    const message = '--curl must be an https: URL, or an http: URL of this machine'
    expect(() => checkApiUrl(url, '--curl')).toThrow(expect.objectContaining({ message }))
  },
)
