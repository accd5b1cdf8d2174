import { html, raw } from 'hono/html'
import type { Markup } from './page-document.js'

/** Values or errors by the name of their field. */
export type Fields = Readonly<Record<string, string>>

export interface Form {
  /** The beginning of each field's id. It makes the ids unique in the page. */
  readonly prefix: string
  /** The submitted values, or the initial values. */
  readonly values: Fields
  /** The error of each invalid field, in the order of the fields. */
  readonly errors: Fields
}

/** Makes the element of a field, with these attributes. */
type Element = (attributes: Markup) => Markup

export function input(form: Form, name: string, label: string, mode: 'text' | 'numeric' | 'url' = 'text') {
  return field(
    form,
    name,
    label,
    (attributes) =>
      html`<input ${attributes} value="${form.values[name] ?? ''}" inputmode="${mode}"
 autocomplete="off" spellcheck="false">`,
  )
}

/** A label, its field, and the error of the field. The first invalid field gets the focus. */
export function field({ prefix, errors }: Form, name: string, label: string, element: Element): Markup {
  const id = `${prefix}${name}`
  const error = errors[name]
  const focus = Object.keys(errors)[0] === name ? raw(' autofocus') : ''
  const described =
    error === undefined ? '' : html` aria-invalid="true" aria-describedby="${id}-error"${focus}`
  return html`<div class="field">
<label for="${id}">${label}</label>
${element(html`id="${id}" name="${name}"${described}`)}
${error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`}
</div>`
}

/**
 * The exposed scopes as checkboxes, and a field for other scopes. The checkboxes and the field all have the
 * same `name`.
 */
export function scopePicker(form: Form, name: string, legend: string, exposed: readonly string[]): Markup {
  const chosen = words(form.values[name] ?? '')
  const others = chosen.filter((scope) => !exposed.includes(scope)).join(' ')
  const boxes = exposed.map((scope, index) => {
    const id = `${form.prefix}${name}-${index}`
    const checked = chosen.includes(scope) ? raw(' checked') : ''
    return html`<label for="${id}">
<input type="checkbox" id="${id}" name="${name}" value="${scope}"${checked}> <code>${scope}</code>
</label>`
  })
  const values = { [name]: others }
  return html`<fieldset>
<legend>${legend}</legend>
${boxes.length === 0 ? '' : html`<div class="scopes">${boxes}</div>`}
${input({ ...form, values }, name, 'Other scopes, separated by spaces')}
</fieldset>`
}

export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean)
}
