/**
 * Copies the text of the element that a button names, and reports it in the button's `role="status"`. A browser
 * gives the clipboard only to https and loopback addresses. Elsewhere the text is selected, for the keyboard.
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
