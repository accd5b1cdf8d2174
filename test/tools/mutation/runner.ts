import { type RunnerTask, type RunnerTestFile, TestRunner } from 'vitest'

declare const __vitest_worker__: { readonly rpc: { onCollected(files: readonly RunnerTestFile[]): unknown } }

/**
 * Adds a failed test to a file that throws while its tests are collected, for example because a mutated
 * module does not load. To Stryker, a file without tests is a file that notices no mutants.
 */
// biome-ignore lint/style/noDefaultExport: Vitest loads the default export.
export default class extends TestRunner {
  async onCollected(files: readonly RunnerTestFile[]): Promise<void> {
    const failed = files.filter(({ result, tasks }) => result?.state === 'fail' && tasks.length === 0)
    for (const file of failed) file.tasks.push(failedTestOf(file))
    if (failed.length > 0) await __vitest_worker__.rpc.onCollected(files)
  }
}

function failedTestOf(file: RunnerTestFile): RunnerTask {
  const name = 'the tests of the file are collected'
  const { result, meta } = file
  return {
    type: 'test',
    id: `${file.id}_0`,
    name,
    fullName: name,
    file,
    suite: file,
    mode: 'run',
    get result() {
      return result
    },
    // Vitest marks the tests of a failed file as skipped, which Stryker would not count as noticed.
    set result(_skipped) {},
    meta,
    annotations: [],
    artifacts: [],
  } as never
}
