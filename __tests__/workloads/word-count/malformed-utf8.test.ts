import { expectAsReference } from "../../support/as-reference";
import { countDeps, temporaryDirectory } from "../../support/count-harness";

const directory = temporaryDirectory();
afterAll(() => {
  directory.assertEmpty();
  directory.remove();
});

/** ASCII, and one continuation byte of each range that a first byte may restrict; all of one kind decode to letters, were they taken. */
const FOLLOWING = [0x41, 0x81, 0x91, 0xa1];

function* tails(longest: number): Generator<readonly number[]> {
  yield [];
  if (longest === 0) return;
  for (const tail of tails(longest - 1)) for (const byte of FOLLOWING) yield [byte, ...tail];
}

test.each([[4_096], [1]])(
  "whatever three bytes follow any byte that is no ASCII, between letters, counts as the reference does (chunks of %p)",
  async (size) => {
    const parts: number[] = [];
    for (let first = 0x80; first <= 0xff; first += 1) for (const tail of tails(3)) parts.push(0x78, first, ...tail, 0x79, 0x20);
    await expectAsReference(Buffer.from(parts), [size], { minimumWordLength: 1, top: 3 }, countDeps(directory.path));
  },
);
