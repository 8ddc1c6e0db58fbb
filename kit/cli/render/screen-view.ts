import { clearLine, cursorTo } from "node:readline";
import { Format, Presets, SingleBar } from "cli-progress";
import type { GenericFormatter } from "cli-progress";
import { cutText, displayWidth } from "../terminal/text-width";
import type { Output, OutputStream } from "../terminal/output";
import { printable } from "../../lib/printable";
import { QUIET_SECONDS } from "./view";
import type { Counted, View } from "./view";

const DEFAULT_COLUMNS = 80;
/** A longer bar says no more. */
const WIDEST_BAR = 40;
/** A shorter one says less than the percentage beside it. */
const NARROWEST_BAR = 5;

/** What a bar shows, from all of it to what has to be there on the narrowest screen. */
const FORMATS = [
  "{label} {bar} {percentage}% {value}/{total}{unit} | {rate}/s | ETA {eta_formatted}",
  "{label} {bar} {percentage}% {value}/{total}{unit} | ETA {eta_formatted}",
  "{label} {bar} {percentage}% {value}/{total}{unit}",
  "{label} {percentage}% {value}/{total}",
];

/** A terminal: the current step is drawn anew in its line, numbers as a bar. */
export class ScreenView implements View {
  private bar: SingleBar | undefined;
  private step_: { readonly text: string; readonly seconds: number } | undefined;

  public constructor(
    private readonly output: Output,
    private readonly screen: OutputStream,
  ) {}

  public line(text: string): void {
    this.output.print(`${printable(text)}\n`);
  }

  public step(text: string, seconds: number): void {
    this.step_ = { text: printable(text), seconds };
    this.clear();
    this.output.write(cutText(withAge(this.step_), this.columns - 1));
  }

  public count({ label, done, total, unit }: Counted): void {
    if (this.bar === undefined) {
      this.bar = this.makeBar();
      this.bar.start(total, done, { label: printable(label), unit: unit === "" ? "" : ` ${unit}`, from: done });
    } else {
      this.bar.setTotal(total);
      this.bar.update(done);
    }
  }

  public end(keep: boolean): void {
    this.bar?.stop();
    this.bar = undefined;
    if (this.step_ === undefined) return;
    this.clear();
    // whole this time: what moved was cut to one line
    if (keep) this.output.print(`${withAge(this.step_)}\n`);
    this.step_ = undefined;
  }

  private get columns(): number {
    return this.screen.columns ?? DEFAULT_COLUMNS;
  }

  private clear(): void {
    cursorTo(this.screen, 0);
    clearLine(this.screen, 0);
  }

  private makeBar(): SingleBar {
    return new SingleBar(
      {
        stream: this.screen,
        format: (options, params, payload: Payload) => formatBar(options, params, payload, this.columns),
        formatTime: (seconds, options, roundTo) =>
          // the library has words among its numbers: INF, NULL
          Number.isFinite(seconds) ? Format.TimeFormat(seconds, options, roundTo) : "?",
        barsize: WIDEST_BAR,
        hideCursor: true,
        gracefulExit: false,
        noTTYOutput: false,
        // averaged over so many changes
        etaBuffer: 30,
        fps: 4,
      },
      Presets.shades_classic,
    );
  }
}

const withAge = ({ text, seconds }: { readonly text: string; readonly seconds: number }): string =>
  seconds < QUIET_SECONDS ? text : `${text}, ${seconds} s`;

interface Payload {
  readonly label: string;
  readonly unit: string;
  /** What was done when the bar began: no part of its rate. */
  readonly from: number;
}
type FormatArguments = Parameters<GenericFormatter>;

/** The library's own format, in the first form that leaves room for a bar. */
function formatBar(options: FormatArguments[0], params: FormatArguments[1], payload: Payload, columns: number): string {
  const seconds = ((params.stopTime ?? Date.now()) - params.startTime) / 1_000;
  const values = { ...payload, rate: seconds <= 0 ? "?" : rateOf((params.value - payload.from) / seconds) };
  // the last column stays free: some terminals break the line when it is written to
  const rendered = (format: string, barsize: number): string => Format.Formatter({ ...options, format, barsize }, params, values).trimEnd();
  for (const format of FORMATS) {
    const room = columns - 1 - displayWidth(rendered(format, 0));
    if (!format.includes("{bar}") ? room >= 0 : room >= NARROWEST_BAR) return rendered(format, Math.min(WIDEST_BAR, room));
  }
  return cutText(rendered(FORMATS.at(-1) ?? "", 0), columns - 1);
}

const rateOf = (perSecond: number): string => (perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond)));
