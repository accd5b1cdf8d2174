// Loaded with `--import=…/hosts.mjs?name,name`: these names resolve to this machine, as the names of services
// do in a network of containers.
import dns from 'node:dns'

const names = new URL(import.meta.url).search.slice(1).split(',')
const { lookup } = dns
dns.lookup = Object.assign(
  (hostname, ...rest) => lookup(names.includes(hostname) ? '127.0.0.1' : hostname, ...rest),
  lookup,
)
