/** A packed file holds more than it may: the limit protects disk, time and money against archives made to explode. */
export class DecompressionLimitError extends Error {
  public override readonly name = "DecompressionLimitError";
  public constructor(limitBytes: number) {
    super(`the file unpacks to more than ${limitBytes} bytes; raise the decompression limit or store the file unpacked`);
  }
}

/** Passes a text on as long as it has no more than `limitBytes`. @throws DecompressionLimitError */
export async function* limited(text: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const chunk of text) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new DecompressionLimitError(limitBytes);
    yield chunk;
  }
}
