import { describe, expect, it } from 'vitest'
import { escaped, html, shortened } from '../../src/report/html.ts'
import { HOSTILE, UNSEEN } from './run.ts'

describe('html', () => {
  it('escapes every text that is put in, and nothing twice', () => {
    const inner = html`<b>${'<i>'}</b>`
    expect(html`<p title="${'"x"'}">${inner}${[inner, '&']}${null}${undefined}${7}</p>`.text).toBe(
      '<p title="&quot;x&quot;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>&amp;7</p>',
    )
  })

  it('leaves no character of hostile text that opens markup, moves a cursor, reorders or hides', () => {
    const text = escaped(HOSTILE)
    expect(text).not.toMatch(/[<>"'`]/)
    expect(text).not.toMatch(UNSEEN)
    for (const name of ['U+001B', 'U+202E', 'U+2066', 'U+200B', 'U+E0041', 'U+0000'])
      expect(text).toContain(`[${name}]`)
  })

  it('leaves line feeds, tabs, right-to-left letters and joined emoji as they are', () => {
    const text = 'a\tb\nשלום 👩‍👩‍👧 नमस्ते'
    expect(escaped(text)).toBe(text)
  })

  it('cuts long text, says how much is missing and tears no character', () => {
    expect(shortened('abc', 3)).toBe('abc')
    expect(shortened('a😀b', 2)).toBe('a … (3 more characters)')
    expect(shortened('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(10)} … (999,990 more characters)`)
  })
})
