/**
 * When a button is clicked, copies the text of the element that the button names, and shows the outcome in
 * the element with `role="status"` after the button. Browsers allow clipboard access only on https and
 * loopback addresses. On other addresses the script selects the text, so that the user can copy it with the
 * keyboard.
 */
export const PAGE_SCRIPT = `
for (const button of document.querySelectorAll('button[data-copies]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copies)
    const status = button.nextElementSibling
    try {
      await navigator.clipboard.writeText(source.textContent)
      status.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(source)
      status.textContent = 'Selected: copy it with the keyboard'
    }
  })
}
`
