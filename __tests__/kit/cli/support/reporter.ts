import { Writable } from "node:stream";
import { makeReporter } from "../../../../kit/cli/render/reporter";
import type { Reporter } from "../../../../kit/cli/render/reporter";
import { StreamOutput } from "../../../../kit/cli/terminal/output";

/** Keeps what is written to a terminal or a log. */
export class Tape extends Writable {
  public text = "";
  public isTTY = true;
  public constructor(public columns: number) {
    super();
  }
  public override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

/** A reporter on a screen of so many columns, or in a log; its seconds pass when the test says so. */
export function reporterOn(columns: number | undefined): {
  reporter: Reporter;
  tape: Tape;
  stdout: StreamOutput;
  pass: (seconds: number) => void;
  ticking: () => boolean;
} {
  const tape = new Tape(columns ?? 0);
  tape.isTTY = columns !== undefined;
  const stdout = new StreamOutput(new Tape(80));
  let tick: (() => void) | undefined;
  const terminal = { stdout, stderr: new StreamOutput(tape), screen: columns === undefined ? undefined : tape };
  const reporter = makeReporter(terminal, new AbortController().signal, (each) => {
    tick = each;
    return () => {
      tick = undefined;
    };
  });
  return { reporter, tape, stdout, pass: (seconds) => Array.from({ length: seconds }, () => tick?.()), ticking: () => tick !== undefined };
}
