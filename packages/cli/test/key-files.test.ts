import { mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { writeKeyFiles } from '../src/key-files.js'

const parent = await temporaryDirectory()
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(parent, 'test-'))
})

const at = (name: string) => join(directory, name)
const files = (secret = 'private', open = 'public') => [
  { file: at(secret), text: 'secret\n', mode: 0o600 },
  { file: at(open), text: 'open\n', mode: 0o644 },
]
const EXISTS = /^\S+: exists already\. .*--force/

it('only the owner of the private key’s file can read the file', async () => {
  await writeKeyFiles(files(), false)
  expect((await stat(at('private'))).mode & 0o777).toBe(0o600)
  expect(await readFile(at('private'), 'utf8')).toBe('secret\n')
  expect(await readFile(at('public'), 'utf8')).toBe('open\n')
})

it('if a key’s file exists and must not be replaced, writeKeyFiles throws and writes no file', async () => {
  await writeFile(at('public'), 'as it was')
  await expect(writeKeyFiles(files(), false)).rejects.toThrow(EXISTS)
  expect(await readdir(directory)).toEqual(['public'])
  expect(await readFile(at('public'), 'utf8')).toBe('as it was')
})

it('no key is written through a symbolic link to a missing file', async () => {
  await symlink(at('elsewhere'), at('private'))
  await expect(writeKeyFiles(files(), false)).rejects.toThrow(EXISTS)
  expect(await readdir(directory)).toEqual(['private'])
})

it('writeKeyFiles replaces an old file whatever its mode, and a symbolic link instead of its target', async () => {
  await writeFile(at('private'), 'as it was', { mode: 0o644 })
  await writeFile(at('elsewhere'), 'as it was')
  await symlink(at('elsewhere'), at('public'))
  await writeKeyFiles(files(), true)
  expect((await stat(at('private'))).mode & 0o777).toBe(0o600)
  expect(await readFile(at('private'), 'utf8')).toBe('secret\n')
  expect(await readFile(at('elsewhere'), 'utf8')).toBe('as it was')
  expect((await readdir(directory)).sort()).toEqual(['elsewhere', 'private', 'public'])
})

it.each(['private', 'public'])(
  'if the %s key’s path is a directory, replacing fails and leaves the other key and no other file',
  async (name) => {
    const other = name === 'private' ? 'public' : 'private'
    await mkdir(at(name))
    await writeFile(at(other), 'as it was', { mode: 0o640 })
    await expect(writeKeyFiles(files(), true)).rejects.toThrow(/cannot be written \(EISDIR\)$/)
    expect((await readdir(directory)).sort()).toEqual(['private', 'public'])
    expect(await readFile(at(other), 'utf8')).toBe('as it was')
    expect((await stat(at(other))).mode & 0o777).toBe(0o640)
  },
)

it('if both keys have one path through a linked directory, replacing fails and keeps the old key', async () => {
  await mkdir(at('real'))
  await symlink(at('real'), at('alias'))
  await writeFile(at('real/key'), 'as it was')
  await expect(writeKeyFiles(files('real/key', 'alias/key'), true)).rejects.toThrow(/\(EEXIST\)$/)
  expect(await readdir(at('real'))).toEqual(['key'])
  expect(await readFile(at('real/key'), 'utf8')).toBe('as it was')
})

it('if the public key cannot be written, a new private key is removed, and an old file is not replaced', async () => {
  const withoutFolder = files('private', 'missing/public')
  const message = /missing\/public: cannot be written \(ENOENT\)/
  await expect(writeKeyFiles(withoutFolder, false)).rejects.toThrow(message)
  expect(await readdir(directory)).toEqual([])
  await writeFile(at('private'), 'as it was')
  await expect(writeKeyFiles(withoutFolder, true)).rejects.toThrow(message)
  expect(await readFile(at('private'), 'utf8')).toBe('as it was')
  expect(await readdir(directory)).toEqual(['private'])
})
