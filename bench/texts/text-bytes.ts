const LINE_FEED = 0x0a;

/** A text again and again, up to the last whole line within so many bytes. */
export function* repeated(text: Buffer, bytes: number): Generator<Uint8Array, void> {
  if (text.length === 0) throw new RangeError("an empty text can't be repeated");
  let left = bytes;
  for (; left >= text.length; left -= text.length) yield text;
  const rest = text.subarray(0, left);
  yield rest.subarray(0, rest.lastIndexOf(LINE_FEED) + 1);
}

/** Of a text's bytes, those from 0x80 on. */
export function shareOfNonAscii(text: Uint8Array): number {
  let count = 0;
  for (const byte of text) if (byte >= 0x80) count += 1;
  return text.length === 0 ? 0 : count / text.length;
}
