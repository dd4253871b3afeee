// A PDF of one page and so many bytes: a scan, as far as anyone can tell from outside.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export function writePdf(path, bytes) {
  const parts = ['%PDF-1.4\n']
  const starts = []
  const add = (...pieces) => {
    starts.push(Buffer.byteLength(parts.join(''), 'latin1'))
    parts.push(`${starts.length} 0 obj\n`, ...pieces, '\nendobj\n')
  }
  add('<< /Type /Catalog /Pages 2 0 R >>')
  add('<< /Type /Pages /Kids [3 0 R] /Count 1 >>')
  add(
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 5 0 R >> >> /Contents 4 0 R >>',
  )
  add('<< /Length 0 >>\nstream\n\nendstream')
  add(
    `<< /Type /XObject /Subtype /Image /Width 1 /Height ${bytes} /BitsPerComponent 8 /ColorSpace /DeviceGray /Length ${bytes} >>\nstream\n`,
    '~'.repeat(bytes),
    '\nendstream',
  )
  const body = parts.join('')
  const entries = starts.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  const tail = `xref\n0 ${starts.length + 1}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${starts.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, body + tail, 'latin1')
}
