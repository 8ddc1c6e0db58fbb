import { Presets, SingleBar } from "cli-progress";
import { printable } from "./printable";

/** Where the command writes. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** true when a person looks at stderr. */
  readonly interactive: boolean;
}

/** Tells people how far the run is, on stderr only. */
export interface Reporter {
  /** A step has begun, or something is worth saying. */
  say(text: string): void;
  /** A step with numbers; the same label again moves on. */
  advance(label: string, done: number, total: number): void;
  /** Takes away what moves on the screen; call it before anything else is printed. */
  finish(): void;
}

/** Says each line that it is called with. */
export const sayingTo =
  (reporter: Reporter) =>
  (line: string): void => {
    reporter.say(line);
  };

/** @param signal once it is aborted, what still trickles in is not shown any more */
export function makeReporter(terminal: Terminal, signal: AbortSignal): Reporter {
  const reporter = terminal.interactive ? barReporter(terminal) : lineReporter(terminal);
  return {
    ...reporter,
    advance: (label, done, total) => {
      if (!signal.aborted) reporter.advance(label, done, total);
    },
  };
}

function barReporter({ stderr }: Terminal): Reporter {
  let current: { readonly label: string; readonly bar: SingleBar } | undefined;
  const finish = (): void => {
    current?.bar.stop();
    current = undefined;
  };
  return {
    say: (text) => {
      finish();
      stderr.write(`${printable(text)}\n`);
    },
    advance: (label, done, total) => {
      if (current?.label !== label) {
        finish();
        const bar = new SingleBar(
          { stream: stderr, format: `${label} {bar} {value}/{total}`, hideCursor: true, gracefulExit: false, noTTYOutput: false },
          Presets.shades_classic,
        );
        bar.start(total, done);
        current = { label, bar };
      } else current.bar.update(done);
      if (done >= total) finish();
    },
    finish,
  };
}

/** A line at each quarter: readable in a log, whatever the number of files. */
function lineReporter({ stderr }: Terminal): Reporter {
  let last: { readonly label: string; readonly quarter: number } | undefined;
  return {
    say: (text) => {
      last = undefined;
      stderr.write(`${printable(text)}\n`);
    },
    advance: (label, done, total) => {
      const quarter = total === 0 ? 4 : Math.floor((done * 4) / total);
      if (last?.label === label && last.quarter >= quarter) return;
      last = { label, quarter };
      stderr.write(`${label} ${done}/${total}\n`);
    },
    finish: () => {
      last = undefined;
    },
  };
}
