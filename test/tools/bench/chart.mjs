import { digits } from './table.mjs'

/** Draws charts as SVG text, without a library, and small enough for a readable diff. */

const WIDTH = 760
const TONES = { ours: '#1f6f54', bare: '#8a929a', peer: '#b98a3c' }
const LINES = ['#1f6f54', '#b98a3c', '#5b6bbf']
const LABELS = 270
const FONT = 'font-family="system-ui, sans-serif" font-size="12"'

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const text = (x, y, content, more = '') =>
  `<text x="${fix(x)}" y="${fix(y)}" ${more}>${escaped(content)}</text>`
const fix = (number) => Number(number.toFixed(1))

/** Stacks charts vertically. */
export function page(charts) {
  let top = 0
  const placed = charts.map(({ height, body }) => {
    const part = `<g transform="translate(0 ${top})">${body}</g>`
    top += height
    return part
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" ${FONT}>\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n${placed.join('\n')}\n</svg>\n`
  )
}

/**
 * Horizontal bars up to the median, with a line from the first to the third quartile.
 *
 * @param bars `{ name, tone, found }`
 */
export function bars(title, unit, bars) {
  const most = Math.max(...bars.map(({ found }) => found.q3 ?? found.median))
  const scale = (WIDTH - LABELS - 90) / most
  const rows = bars.map(({ name, tone, found }, index) => {
    const y = 40 + index * 22
    const end = LABELS + found.median * scale
    const [from, to] = [LABELS + found.q1 * scale, LABELS + found.q3 * scale]
    return [
      text(LABELS - 8, y + 12, name, 'text-anchor="end" fill="#222"'),
      `<rect x="${LABELS}" y="${y}" width="${fix(end - LABELS)}" height="16" fill="${TONES[tone]}"/>`,
      `<path d="M${fix(from)} ${y + 8}H${fix(to)}" stroke="#222"/>`,
      text(Math.max(end, to) + 6, y + 12, digits(found.median), 'fill="#222"'),
    ].join('')
  })
  const heading = text(10, 24, `${title}, ${unit}`, 'font-weight="600" fill="#222"')
  return { height: 56 + bars.length * 22, body: [heading, ...rows].join('\n') }
}

/**
 * Lines over a logarithmic axis, with values from zero.
 *
 * @param lines `{ name, points: [x, y][] }`
 */
export function lines(title, unit, axis, lines) {
  const [left, right, top, bottom] = [60, WIDTH - 220, 44, 194]
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b)
  const most = roundUp(Math.max(...lines.flatMap(({ points }) => points.map(([, y]) => y))))
  const [first, last] = [Math.log(xs[0]), Math.log(xs.at(-1))]
  const across = (x) => left + ((Math.log(x) - first) / (last - first || 1)) * (right - left)
  const up = (y) => bottom - (y / most) * (bottom - top)
  const body = [
    text(10, 24, `${title}, ${unit}`, 'font-weight="600" fill="#222"'),
    ...[0, 0.5, 1].flatMap((share) => [
      `<path d="M${left} ${fix(up(share * most))}H${right}" stroke="#ddd"/>`,
      text(left - 8, up(share * most) + 4, digits(share * most), 'text-anchor="end" fill="#555"'),
    ]),
    ...xs.map((x) => text(across(x), bottom + 18, short(x), 'text-anchor="middle" fill="#555"')),
    text((left + right) / 2, bottom + 36, axis, 'text-anchor="middle" fill="#555"'),
    ...lines.flatMap(({ name, points }, index) => {
      const tone = LINES[index % LINES.length]
      const path = points.map(([x, y]) => `${fix(across(x))} ${fix(up(y))}`).join('L')
      return [
        `<path d="M${path}" fill="none" stroke="${tone}" stroke-width="2"/>`,
        ...points.map(([x, y]) => `<circle cx="${fix(across(x))}" cy="${fix(up(y))}" r="3" fill="${tone}"/>`),
        `<rect x="${right + 20}" y="${top + index * 20}" width="12" height="3" fill="${tone}"/>`,
        text(right + 38, top + 6 + index * 20, name, 'fill="#222"'),
      ]
    }),
  ]
  return { height: 250, body: body.join('\n') }
}

function short(number) {
  if (number >= 1_000_000) return `${number / 1_000_000} M`
  return number >= 1000 ? `${number / 1000} k` : String(number)
}

/** Rounds up to 1, 2, 4, 5, 6, 8 or 10 times a power of ten. */
function roundUp(number) {
  const power = 10 ** Math.floor(Math.log10(number || 1))
  return [1, 2, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= number) ?? number
}
