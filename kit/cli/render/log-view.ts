import type { Output } from "../terminal/output";
import { printable } from "../../lib/printable";
import type { Counted, View } from "./view";

/** Ages at which a step that goes on is worth a line, in seconds; later at each minute. */
const TOLD_AT = new Set([2, 5, 10, 20, 30, 45]);
const isTold = (seconds: number): boolean => TOLD_AT.has(seconds) || (seconds > 0 && seconds % 60 === 0);

/** Lines that stay, for logs and pipes: a step's numbers at each quarter, and that it goes on now and then. */
export class LogView implements View {
  private last: { readonly label: string; readonly quarter: number } | undefined;

  public constructor(private readonly output: Output) {}

  public line(text: string): void {
    this.output.print(`${printable(text)}\n`);
  }

  public step(text: string, seconds: number): void {
    if (seconds === 0) this.line(text);
    else if (isTold(seconds)) this.line(`${text}, ${seconds} s`);
  }

  public count({ label, done, total, unit }: Counted, seconds: number): void {
    const percentage = total === 0 ? 100 : Math.floor((done * 100) / total);
    const text = `${label} ${done}/${total}${unit === "" ? "" : ` ${unit}`} (${percentage} %)`;
    if (seconds > 0) {
      if (isTold(seconds)) this.line(`${text}, ${seconds} s`);
      return;
    }
    const quarter = Math.floor(percentage / 25);
    if (this.last?.label === label && this.last.quarter >= quarter) return;
    this.last = { label, quarter };
    this.line(text);
  }

  public end(): void {
    this.last = undefined;
  }
}
