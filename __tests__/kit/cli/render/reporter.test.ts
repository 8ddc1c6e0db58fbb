import stringWidth from "string-width";
import { makeReporter } from "../../../../kit/cli/render/reporter";
import { StreamOutput } from "../../../../kit/cli/terminal/output";
import { canRedraw } from "../../../../kit/cli/terminal/terminal";
import { reporterOn, Tape } from "../support/reporter";

/** What stays on a screen that these bytes were written to. */
function screenOf(text: string): string[] {
  const lines = [""];
  let column = 0;

  for (const [part] of text.matchAll(/\u001b(?:\[\??[0-9;]*[A-Za-z]|[78])|\n|\r|[^\u001b\n\r]+/g)) {
    const line = lines.at(-1) ?? "";
    if (part === "\n") {
      lines.push("");
      column = 0;
    } else if (part === "\r" || part === "\u001b[1G") column = 0;
    else if (part === "\u001b[2K") lines[lines.length - 1] = "";
    else if (part === "\u001b[0K") lines[lines.length - 1] = line.slice(0, column);
    else if (!part.startsWith("\u001b")) {
      lines[lines.length - 1] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
      column += part.length;
    }
  }
  return lines;
}

describe("in a log", () => {
  test("a step is said at once, and now and then that it goes on", () => {
    const { reporter, tape, pass } = reporterOn(undefined);
    reporter.step("provisioning");
    expect(tape.text).toBe("provisioning\n");
    pass(1);
    expect(tape.text).toBe("provisioning\n");
    pass(119);
    expect(tape.text).toBe(["provisioning", ...[2, 5, 10, 20, 30, 45, 60, 120].map((s) => `provisioning, ${s} s`), ""].join("\n"));
  });
  test("a step that is mostly over at once is said only when it lasts", () => {
    const { reporter, tape, pass } = reporterOn(undefined);
    reporter.wait("asking");
    pass(1);
    reporter.finish();
    expect(tape.text).toBe("");
    reporter.wait("asking again");
    pass(2);
    expect(tape.text).toBe("asking again, 2 s\n");
  });
  test("numbers are said at each quarter, and when they stand still", () => {
    const { reporter, tape, pass } = reporterOn(undefined);
    for (const done of [0, 1, 30, 31, 60]) reporter.advance("processed", done, 120, "files");
    pass(2);
    reporter.advance("processed", 120, 120, "files");
    expect(tape.text).toBe(
      ["0/120 files (0 %)", "30/120 files (25 %)", "60/120 files (50 %)", "60/120 files (50 %), 2 s", "120/120 files (100 %)", ""]
        .map((line) => (line === "" ? "" : `processed ${line}`))
        .join("\n"),
    );
  });
  test("no line holds anything that moves a cursor", () => {
    const { reporter, tape, pass } = reporterOn(undefined);
    reporter.say("a\u001b[2Jb");
    reporter.step("c\u009b1m");
    pass(2);
    reporter.advance("d", 1, 3);
    reporter.finish();
    expect(tape.text).not.toMatch(/[^\n\P{Cc}]/u);
  });
});

describe("on a screen", () => {
  test("a step takes one line, which tells how long it took", () => {
    const { reporter, tape, pass } = reporterOn(80);
    reporter.step("installing the emulator");
    pass(7);
    expect(screenOf(tape.text)).toEqual(["installing the emulator, 7 s"]);
    reporter.step("provisioning");
    pass(1);
    reporter.finish();
    expect(screenOf(tape.text)).toEqual(["installing the emulator, 7 s", "provisioning", ""]);
  });
  test("a step that was mostly over at once leaves nothing", () => {
    const { reporter, tape, pass } = reporterOn(80);
    reporter.wait("asking");
    pass(3);
    expect(screenOf(tape.text)).toEqual(["asking, 3 s"]);
    reporter.say("done");
    expect(screenOf(tape.text)).toEqual(["done", ""]);
  });
  test("a bar stands at its total when it ends, with percentage, rate and what is left", () => {
    const { reporter, tape } = reporterOn(80);
    for (const done of [10, 120, 233]) reporter.advance("processed", done, 233, "files");
    expect(screenOf(tape.text)[0]).toMatch(/^processed █+ 100% 233\/233 files \| [\d.?]+\/s \| ETA 0s$/);
    expect(screenOf(tape.text)).toHaveLength(2);
  });
  test("a bar that is left before its end stays at the last that is known", () => {
    const { reporter, tape } = reporterOn(80);
    for (const done of [10, 120]) reporter.advance("processed", done, 233);
    reporter.say("sealing");
    expect(screenOf(tape.text)[0]).toMatch(/51% 120\/233 /);
  });
  test.each([30, 40, 50, 80, 200])("%i columns: a bar keeps its numbers in one line", (columns) => {
    const { reporter, tape } = reporterOn(columns);
    reporter.advance("processed", 76_543, 1_000_000, "files");
    reporter.finish();
    const [line = ""] = screenOf(tape.text);
    expect(line).toMatch(/^processed .*7% 76543\/1000000/);
    expect(stringWidth(line)).toBeLessThan(columns);
  });
  test("lines break between words; what is drawn anew never takes two", () => {
    const { reporter, tape, pass } = reporterOn(30);
    reporter.step("starting 2 workers for route fleet on this machine");
    pass(3);
    expect(screenOf(tape.text)).toHaveLength(1);
    reporter.finish();
    expect(screenOf(tape.text)).toEqual(["starting 2 workers for route", "fleet on this machine, 3 s", ""]);
  });
  test("what moves is out of the way before a result is printed, and nothing ticks on", () => {
    const { reporter, tape, stdout, ticking } = reporterOn(80);
    reporter.step("processing");
    expect(ticking()).toBe(true);
    stdout.print("result\n");
    expect(screenOf(tape.text)).toEqual(["processing", ""]);
    expect(ticking()).toBe(false);
  });
});

test("an interruption silences numbers, nothing else", () => {
  const stderr = new Tape(80);
  const interruption = new AbortController();
  const reporter = makeReporter(
    { stdout: new StreamOutput(new Tape(80)), stderr: new StreamOutput(stderr), screen: undefined },
    interruption.signal,
    () => () => undefined,
  );
  interruption.abort();
  reporter.advance("uploaded", 1, 2);
  reporter.say("stopping");
  expect(stderr.text).toBe("stopping\n");
});

test.each([
  [{}, true],
  [{ TERM: "xterm-256color", CI: "" }, true],
  [{ CI: "false" }, true],
  [{ TERM: "dumb" }, false],
  [{ CI: "true" }, false],
  [{ CI: "1", TERM: "xterm" }, false],
])("a terminal with %j is drawn on anew: %s", (environment, expected) => {
  expect(canRedraw({ isTTY: true } as never, environment)).toBe(expected);
  expect(canRedraw({ isTTY: undefined } as never, environment)).toBe(false);
});
