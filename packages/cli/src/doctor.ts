import { Command, Option } from 'commander'
import { clientOptions } from './client-options.js'
import type { DoctorOptions } from './doctor/diagnose.js'
import type { StepReport } from './doctor/diagnosis.js'
import { jsonOption, withOptions } from './options.js'
import { print, printJson } from './output.js'
import { tokenRequestOptions } from './token-request.js'

export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'check step by step what a provider and a consumer need, and say what to do about a failure',
  )
  const options = [
    ...clientOptions(),
    new Option('--scope <scopes...>', 'the scopes to get tokens for (default: those of MASKINPORTEN_SCOPES)'),
    ...tokenRequestOptions(),
    new Option('--api <url>', 'an API to call with a token of all these scopes'),
    new Option('--method <name>', 'the method of the call').default('GET'),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (given: DoctorOptions) => {
    // Import these modules only when the command runs, because the client and its libraries are slow to load.
    const { Diagnosis } = await import('./doctor/diagnosis.js')
    const { diagnose } = await import('./doctor/diagnose.js')
    const diagnosis = new Diagnosis(given.json ? undefined : printStep())
    await diagnose(diagnosis, given)
    const { steps, failed } = diagnosis
    if (given.json) printJson({ passed: failed === 0, steps })
    else print(failed === 0 ? 'no step failed' : `${failed} of ${steps.length} steps failed`)
    process.exitCode = failed === 0 ? 0 : 1
  })
}

const MARKS: Readonly<Record<StepReport['outcome'], string>> = { passed: '✓', failed: '✗', skipped: '·' }

/**
 * Returns a function that prints the report of a step. Before the first step of a part, the function prints
 * the part's name as a heading.
 */
function printStep(): (report: StepReport) => void {
  let current: string | undefined
  return ({ part, step, subject, outcome, detail, fix }) => {
    if (part !== current) print(part)
    current = part
    const name = subject === undefined ? step : `${step} ${subject}`
    const text = outcome === 'skipped' ? `skipped: ${detail}` : detail
    print(`  ${MARKS[outcome]} ${name}: ${text}${fix === undefined ? '' : `\n      → ${fix}`}`)
  }
}
