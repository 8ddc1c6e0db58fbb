import { Writable } from "node:stream";
import fc from "fast-check";
import { FileOutput, StreamOutput } from "../../../../kit/cli/terminal/output";
import { cutText, displayWidth, foldText, wrapLines } from "../../../../kit/cli/terminal/text-width";

const failing = (code: string): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error(`${code}: the system's words`), { code }));
    },
    autoDestroy: false,
  });
const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

describe("a file", () => {
  test("gets all of a text, however little it takes at a time", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), fc.integer({ min: 1, max: 7 }), (texts, most) => {
        const written: Buffer[] = [];
        const output = new FileOutput((bytes) => {
          written.push(Buffer.from(bytes.subarray(0, most)));
          return Math.min(most, bytes.length);
        });
        for (const text of texts) output.write(text);
        expect(Buffer.concat(written)).toEqual(Buffer.from(texts.join("")));
        expect(output.failure).toBeUndefined();
      }),
    );
  });
  test("that a disk took a part of is a failure, and nothing is written behind the gap", async () => {
    let room = 5;
    const written: string[] = [];
    const output = new FileOutput((bytes) => {
      if (room === 0) throw full;
      const part = bytes.subarray(0, room);
      room -= part.length;
      written.push(part.toString());
      return part.length;
    });
    output.write("twelve bytes");
    room = 100;
    output.write("more");
    await output.flush();
    expect(written.join("")).toBe("twelv");
    expect(output.failure).toBe(full);
  });
});

describe("a stream", () => {
  test.each(["ENOSPC", "EIO", "EBADF"])("that fails with %s is a failure, and no exception", async (code) => {
    const output = new StreamOutput(failing(code));
    output.write("text");
    await output.flush();
    expect(output.failure).toMatchObject({ code });
  });
  test("whose reader closed its end is none: it wanted no more", async () => {
    const output = new StreamOutput(failing("EPIPE"));
    output.write("text");
    output.write("more");
    await output.flush();
    expect(output).toMatchObject({ failure: undefined, wasUsed: true });
  });
  test("tells who has to be out of the way, before each write", () => {
    const events: string[] = [];
    const output = new StreamOutput(
      new Writable({
        write: (chunk, _encoding, done) => {
          events.push(String(chunk));
          done();
        },
      }),
    );
    output.beforeWrite = () => events.push("before");
    output.write("a");
    expect(events).toEqual(["before", "a"]);
  });
});

describe("lines", () => {
  test("break between words, as far in as they began; what has no blank stays whole", () => {
    expect(wrapLines("  one two three\nfour\n/a/path/that/is/longer/than/the/screen", 9)).toBe(
      "  one two\n  three\nfour\n/a/path/that/is/longer/than/the/screen",
    );
  });
  test("that fit are left as they are", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(wrapLines(text, 1_000)).toBe(text);
      }),
    );
  });
  test("of a cell fit, whatever is in them, and hold all of it", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "日", "é", "🎉", "-"), minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 4, max: 40 }), (words, columns) => {
        const folded = foldText(words.join(" "), columns);
        for (const line of folded.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(folded.replaceAll(/\s/g, "")).toBe(words.join(""));
      }),
    );
  });
  test("that are cut say so, and fit", () => {
    expect([cutText("abc", 3), cutText("abcd", 3), cutText("日本語", 4)]).toEqual(["abc", "ab…", "日…"]);
  });
});
