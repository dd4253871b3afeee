// The smallest beginnings of images that tell their size.

export function png(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(45)
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  bytes[24] = 8
  bytes[25] = 2
  bytes.writeUInt32BE(0, 33)
  bytes.write('IDAT', 37, 'latin1')
  return bytes
}

export function gif(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(40)
  bytes.write('GIF89a', 0, 'latin1')
  bytes.writeUInt16LE(width, 6)
  bytes.writeUInt16LE(height, 8)
  return bytes
}

/** The extended form; `lossy` and `lossless` are the two simple ones. */
export function webp(width: number, height: number, form: 'extended' | 'lossy' | 'lossless' = 'extended'): Uint8Array {
  const bytes = Buffer.alloc(40)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(32, 4)
  bytes.write(`WEBP${{ extended: 'VP8X', lossy: 'VP8 ', lossless: 'VP8L' }[form]}`, 8, 'latin1')
  if (form === 'lossy') {
    bytes.writeUInt16LE(width, 26)
    bytes.writeUInt16LE(height, 28)
  } else if (form === 'lossless') bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21)
  else {
    bytes.writeUIntLE(width - 1, 24, 3)
    bytes.writeUIntLE(height - 1, 27, 3)
  }
  return bytes
}

/** With a thumbnail's segment and a stray marker before the frame. */
export function jpeg(width: number, height: number): Uint8Array {
  const frame = Buffer.from('ffc2001108000000000301', 'hex')
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  const app = Buffer.concat([
    Buffer.from('ffe10012', 'hex'),
    Buffer.from('Exif\0\0\xff\xc0\0\x11\x08\0\x01\0\x01\0', 'latin1'),
  ])
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    app,
    Buffer.from('ffff', 'hex').subarray(0, 1),
    frame,
    Buffer.alloc(20),
  ])
}
