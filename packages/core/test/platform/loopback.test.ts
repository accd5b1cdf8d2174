import { expect, test } from 'vitest'
import { isLoopback } from '../../src/platform/loopback.js'

test.each([
  'http://localhost/',
  'http://localhost:8089/x',
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.10.20.113:80/',
  'http://[::1]:3000/',
])('%s leads to this machine', (url) => {
  expect(isLoopback(new URL(url))).toBe(true)
})

test.each([
  'http://127.evil.example/',
  'http://127.0.0.1.evil.example/',
  'http://localhost.evil.example/',
  'http://evil.example/127.0.0.1',
  'http://127.0.0.1@evil.example/',
  'http://128.0.0.1/',
  'http://0.0.0.0/',
  'http://[::2]/',
])('%s leads elsewhere', (url) => {
  expect(isLoopback(new URL(url))).toBe(false)
})
