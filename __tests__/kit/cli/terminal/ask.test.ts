import { PassThrough } from "node:stream";
import { InterruptedError } from "../../../../kit/cli/command-errors";
import { askOn } from "../../../../kit/cli/terminal/ask";

const unaborted = new AbortController().signal;
const terminal = (): NodeJS.ReadStream => Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.ReadStream;

test("nobody is asked through a pipe", () => {
  expect(askOn(new PassThrough() as unknown as NodeJS.ReadStream, () => undefined)).toBeUndefined();
});

test("a line is the answer, without blanks around it; what comes after it is nobody's", async () => {
  const stdin = terminal();
  const written: string[] = [];
  const answer = askOn(stdin, (text) => written.push(text))?.("name? ", unaborted);
  stdin.push("  batch-dev \nmore\n");
  expect(await answer).toBe("batch-dev");
  expect(written).toEqual(["name? "]);
});

test("an end of input is no answer", async () => {
  const stdin = terminal();
  const answer = askOn(stdin, () => undefined)?.("name? ", unaborted);
  stdin.push(null);
  expect(await answer).toBe("");
});

test("an interruption ends the question", async () => {
  const interruption = new AbortController();
  const answer = askOn(terminal(), () => undefined)?.("name? ", interruption.signal);
  interruption.abort(new InterruptedError());
  await expect(answer).rejects.toBeInstanceOf(InterruptedError);
});
