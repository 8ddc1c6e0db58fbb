import { gzipSync } from "fflate";

/** Everything in a tar is a multiple of this. */
const BLOCK_BYTES = 512;

/**
 * A gzipped tar (ustar) whose bytes depend on names, modes and contents only: no times, no owners.
 *
 * @param {readonly { readonly name: string, readonly mode: number, readonly bytes: Uint8Array }[]} files names of 100 bytes at most
 * @returns {Uint8Array}
 */
export function tarGz(files) {
  const blocks = files.flatMap((file) => [header(file), file.bytes, new Uint8Array(padding(file.bytes.length))]);
  // two empty blocks end a tar
  return gzipSync(Buffer.concat([...blocks, new Uint8Array(2 * BLOCK_BYTES)]), { level: 6, mtime: 0 });
}

const padding = (length) => (BLOCK_BYTES - (length % BLOCK_BYTES)) % BLOCK_BYTES;

/** @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 */
function header({ name, mode, bytes }) {
  if (Buffer.byteLength(name) > 100) throw new Error(`'${name}' has more than 100 bytes, which a plain tar name may not; shorten it`);
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value, width) => `${value.toString(8).padStart(width - 1, "0")}\0`;
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108); // owner
  block.write(octal(0, 8), 116); // group
  block.write(octal(bytes.length, 12), 124);
  block.write(octal(0, 12), 136); // time
  block.write(" ".repeat(8), 148); // the checksum counts as spaces in itself
  block.write("0", 156); // a file
  block.write("ustar\u000000", 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
