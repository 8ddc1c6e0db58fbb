import type { Terminal } from "../terminal/terminal";
import { LogView } from "./log-view";
import { ScreenView } from "./screen-view";
import { QUIET_SECONDS, type Counted, type View } from "./view";

/** Tells people how far the run is, on stderr only. */
export interface Reporter {
  /** Something is worth saying. */
  say(text: string): void;
  /** A step has begun: said at once, and how long it has taken for as long as it goes on. */
  step(text: string): void;
  /** A step has begun that is mostly over at once: said only when it lasts. */
  wait(text: string): void;
  /**
   * A step with numbers; the same label again moves on.
   *
   * @param unit what is counted: `files`
   */
  advance(label: string, done: number, total: number, unit?: string): void;
  /** The current step is over: takes away what moves on the screen. Writing on stdout does so, too. */
  finish(): void;
}

/** Says each line that it is called with. */
export const sayingTo =
  (reporter: Reporter) =>
  (line: string): void => {
    reporter.say(line);
  };

/** Calls at each second that passes. @returns ends it */
export type Ticker = (tick: () => void) => () => void;

/** @param signal once it is aborted, what still trickles in of a step with numbers is not shown any more */
export function makeReporter(terminal: Terminal, signal: AbortSignal, ticker: Ticker = everySecond): Reporter {
  const reporter = new StepReporter(
    terminal.screen === undefined ? new LogView(terminal.stderr) : new ScreenView(terminal.stderr, terminal.screen),
    ticker,
  );
  terminal.stdout.beforeWrite = () => {
    reporter.finish();
  };
  return {
    say: (text) => {
      reporter.say(text);
    },
    step: (text) => {
      reporter.step(text);
    },
    wait: (text) => {
      reporter.wait(text);
    },
    advance: (label, done, total, unit = "") => {
      if (!signal.aborted) reporter.advance({ label, done, total, unit });
    },
    finish: () => {
      reporter.finish();
    },
  };
}

type Step = { readonly kind: "told" | "quiet"; readonly text: string } | { readonly kind: "counted"; counted: Counted };

class StepReporter {
  private current: Step | undefined;
  private seconds = 0;
  private stopTicking: (() => void) | undefined;

  public constructor(
    private readonly view: View,
    private readonly ticker: Ticker,
  ) {}

  public say(text: string): void {
    this.finish();
    this.view.line(text);
  }

  public step(text: string): void {
    this.begin({ kind: "told", text });
    this.view.step(text, 0);
  }

  public wait(text: string): void {
    this.begin({ kind: "quiet", text });
  }

  public advance(counted: Counted): void {
    if (this.current?.kind === "counted" && this.current.counted.label === counted.label) this.current.counted = counted;
    else this.begin({ kind: "counted", counted });
    this.view.count(counted, 0);
    if (counted.done >= counted.total) this.finish();
  }

  public finish(): void {
    if (this.current === undefined) return;
    this.view.end(this.current.kind !== "quiet");
    this.current = undefined;
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  private begin(step: Step): void {
    this.finish();
    this.current = step;
    this.seconds = 0;
    this.stopTicking = this.ticker(() => {
      this.tick();
    });
  }

  private tick(): void {
    if (this.current === undefined) return;
    this.seconds += 1;
    if (this.seconds < QUIET_SECONDS) return;
    if (this.current.kind === "counted") this.view.count(this.current.counted, this.seconds);
    else this.view.step(this.current.text, this.seconds);
  }
}

/** A clock of its own: the command's may be a made-up one. It keeps no process alive. */
const everySecond: Ticker = (tick) => {
  const timer = setInterval(tick, 1_000);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
};
