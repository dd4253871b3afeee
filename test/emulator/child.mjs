// An emulator in a process of its own, from the built package: to be killed, and to have its memory measured.
// Started with fork(); the options come as JSON in the first argument; tells its address, and its peak memory when asked.
import { startEmulator } from '../../build/emulator/start.js'

const emulator = await startEmulator(JSON.parse(process.argv[2]))
process.on('message', () => process.send({ peakMegabytes: process.resourceUsage().maxRSS / 1024 }))
process.on('disconnect', () => process.exit(0))
process.send({ url: emulator.url })
