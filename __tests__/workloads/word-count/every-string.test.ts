import { expectAsReference } from "../../support/as-reference";
import { countDeps, temporaryDirectory } from "../../support/count-harness";

const directory = temporaryDirectory();
const deps = countDeps(directory.path);

afterAll(() => {
  directory.assertEmpty();
  directory.remove();
});

test("every string of up to 4 of the symbols that decide counts as the reference does, in one piece and byte by byte", async () => {
  const symbols = ["a", "B", "'", "\u2019", " ", "\u0301", "\u00e9", "\ud835\udc9c"].map((text) => Buffer.from(text));
  const broken = [0xc3, 0xe2, 0x80].map((byte) => Buffer.from([byte]));
  let strings: Buffer[] = [Buffer.alloc(0)];
  let compared = 0;
  for (let length = 0; length <= 4; length += 1) {
    for (const bytes of strings) {
      await expectAsReference(bytes, [1], { minimumWordLength: 1, top: 3 }, deps);
      compared += 1;
    }
    strings = strings.flatMap((bytes) => [...symbols, ...broken].map((symbol) => Buffer.concat([bytes, symbol])));
  }
  expect(compared).toBe(16_105);
});
