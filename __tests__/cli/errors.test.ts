import { CommanderError } from "commander";
import fc from "fast-check";
import { exitCodeOfError, InterruptedError, renderError, RunFailedError, UsageError } from "../../cli/errors";
import { exitCodeOf } from "../../cli/exit-codes";
import { printable } from "../../cli/render/printable";
import { UnknownBatchError } from "../../core/generations/errors";
import { FinishExhaustedError } from "../../core/finish/finish-generation";
import { GenerationConflictError } from "../../core/ports/ledger";
import { SubmissionConflictError } from "../../core/submission/same-submission";

const files = (changes: object = {}) => ({ total: 3, processed: 3, skipped: 0, quarantined: 0, unfinished: 0, ...changes });

test.each([
  ["completed", files(), 0],
  ["completed", files({ processed: 1, skipped: 2 }), 0],
  ["completed", files({ processed: 2, quarantined: 1 }), 3],
  ["failed", files({ processed: 2, unfinished: 1 }), 1],
  ["failed", files({ processed: 1, quarantined: 1, unfinished: 1 }), 1],
  ["refused", files({ total: 0, processed: 0 }), 2],
  ["cancelled", files({ processed: 0, unfinished: 3 }), 4],
] as const)("a batch that is %s with %j exits with %i", (status, counts, expected) => {
  expect(exitCodeOf({ status, files: counts })).toBe(expected);
});

test.each([
  [new UsageError("m", "f"), 2],
  [new UnknownBatchError("b"), 2],
  [new GenerationConflictError({ batchId: "b", generation: 1 }, "is not the latest"), 2],
  [new SubmissionConflictError("r", "b", "d"), 2],
  [new CommanderError(1, "commander.unknownOption", "error: unknown option '--x'"), 2],
  [new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"), 0],
  [new RunFailedError("m", "f"), 1],
  [new TypeError("a bug"), 1],
  ["not even an error", 1],
  [new InterruptedError(), 130],
] as const)("%p exits with %i", (error, expected) => {
  expect(exitCodeOfError(error)).toBe(expected);
});

test("an error is its cause and value, then the fix, and nothing more", () => {
  expect(renderError(new UsageError("no files in 'x'", "give a folder that holds files"), false)).toBe(
    "error: no files in 'x'\nfix: give a folder that holds files\n",
  );
  expect(renderError(new CommanderError(1, "commander.unknownOption", "error: unknown option '--x'"), false)).toBe(
    "error: unknown option '--x'\nfix: add --help to see what is possible\n",
  );
  expect(renderError(new TypeError("a bug"), false)).toBe(
    "error: a bug\nfix: run it again with --debug, which shows where this came from\n",
  );
  expect(renderError(new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"), false)).toBe("");
  expect(renderError(new InterruptedError(), false)).toBe("interrupted\n");
});

test.each([
  new UnknownBatchError("b"),
  new GenerationConflictError({ batchId: "b", generation: 1 }, "is not the latest"),
  new FinishExhaustedError({ batchId: "b", generation: 1 }),
])("%p names its own way out", (error) => {
  expect(renderError(error, false)).toBe(`error: ${error.message}\nfix: ${error.fix}\n`);
});

test("--debug shows where an error and its causes come from", () => {
  const rendered = renderError(new RunFailedError("outer", "f", { cause: new Error("inner") }), true);
  expect(rendered).toMatch(/outer[\s\S]*errors\.test\.ts[\s\S]*\[cause\]: Error: inner[\s\S]*errors\.test\.ts/);
});

test("what an error quotes can't drive the terminal", () => {
  expect(renderError(new UsageError("no files in '\u001b[2Jx'", "f"), false)).toBe("error: no files in '\\u{1b}[2Jx'\nfix: f\n");
});

test("printable text holds no control, format or surrogate character, and other text is untouched", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
    }),
  );
  expect(printable("größe 日本 🎉.txt")).toBe("größe 日本 🎉.txt");
  expect(printable("a\u202eb\ud800c\nd", { keepLineFeeds: true })).toBe("a\\u{202e}b\\u{d800}c\nd");
});
