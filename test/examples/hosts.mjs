// With `--import=…/hosts.mjs?name,name`, the names resolve to this machine, like the names of services in a
// container network.
import dns from 'node:dns'

const names = new URL(import.meta.url).search.slice(1).split(',')
const { lookup } = dns
dns.lookup = Object.assign(
  (hostname, ...rest) => lookup(names.includes(hostname) ? '127.0.0.1' : hostname, ...rest),
  lookup,
)
