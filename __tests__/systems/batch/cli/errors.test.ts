import { CommanderError } from "commander";
import fc from "fast-check";
import { exitCodeOfError } from "../../../../kit/cli/exit-code-of-error";
import { USAGE_ERRORS } from "../../../../systems/batch/cli/errors";
import { InterruptedError, RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { exitCodeOf } from "../../../../systems/batch/cli/exit-code-of";
import { printable, printableJson } from "../../../../kit/lib/printable";
import { UnknownBatchError } from "../../../../systems/batch/core/stored-batch/errors";
import { GenerationConflictError } from "../../../../systems/batch/ports/ledger";
import { SubmissionConflictError } from "../../../../systems/batch/core/submission/same-submission";

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
  expect(exitCodeOfError(error, USAGE_ERRORS)).toBe(expected);
});

test("printable text holds no control, format or surrogate character, and other text is untouched", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\p{Default_Ignorable_Code_Point}]/u);
    }),
  );
  expect(printable("größe 日本 🎉.txt")).toBe("größe 日本 🎉.txt");
  expect(printable("a\u202eb\ud800c\nd", { keepLineFeeds: true })).toBe("a\\u{202e}b\\u{d800}c\nd");
  expect(printable("\u200b\u3164\ufe0f")).toBe("\\u{200b}\\u{3164}\\u{fe0f}");
});

test("JSON is the same value, and as safe", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = printableJson({ text });
      expect(JSON.parse(json)).toEqual({ text });
      expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\p{Default_Ignorable_Code_Point}]/u);
    }),
  );
});
