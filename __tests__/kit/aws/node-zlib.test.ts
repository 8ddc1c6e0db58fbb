import { gzipSync } from "node:zlib";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { describeDecompressorContract } from "../../contract-suites/decompressor-contract";
import { chunked } from "../../support/count-harness";
import { until } from "../../support/until";

describeDecompressorContract("Node's zlib", nodeZlib);

test("leaving early ends the packed stream, without reading it all", async () => {
  const packed = gzipSync(Buffer.from(Array.from({ length: 400_000 }, (_, index) => index.toString(36)).join(" ")));
  const body = chunked(packed, [1_024]);
  for await (const chunk of nodeZlib.gunzip(body)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  await until(() => body.ended);
  expect(body.taken).toBeLessThan(packed.length);
});

test("zeros behind a member cost no memory: they are looked at chunk by chunk", async () => {
  const member = gzipSync("text");
  const zeros = new Uint8Array(1_048_576);
  let given = 0;
  async function* padded(): AsyncGenerator<Uint8Array, void> {
    yield await Promise.resolve(member);
    for (; given < 200; given += 1) yield zeros;
  }
  let largest = 0;
  for await (const chunk of nodeZlib.gunzip(padded())) largest = Math.max(largest, chunk.length);
  expect({ given, largest }).toEqual({ given: 200, largest: 4 });
});
