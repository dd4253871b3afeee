// Loaded into a process with --import: when it ends, its peak memory in megabytes is in the file PEAK_MEMORY_FILE, and the
// seconds that its threads were at work are in the file of that name with `.cpu` behind it.
import { readFileSync, writeFileSync } from 'node:fs'

process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(peakMegabytes()))
  const { user, system } = process.cpuUsage()
  writeFileSync(`${process.env.PEAK_MEMORY_FILE}.cpu`, String((user + system) / 1e6))
})

function peakMegabytes() {
  // Not `maxRSS` on Linux: a process inherits that from the one that started it.
  if (process.platform === 'linux') {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kilobytes !== undefined) return Number(kilobytes) / 1024
  }
  return process.resourceUsage().maxRSS / 1024
}
