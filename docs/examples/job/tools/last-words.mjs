// A tool as a program: the input is JSON on standard input, the result is what it prints.
import { text } from 'node:stream/consumers'

const { ship } = JSON.parse(await text(process.stdin))
console.log(`The ${ship} is on time.`)
