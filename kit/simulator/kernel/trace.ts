/** What happened in a simulated world, a line per event: the same seed gives the same bytes. */
export class Trace {
  private readonly kept: string[] = [];

  /** @param keeps false: lines are not made, for runs that nobody reads */
  public constructor(
    private readonly startMilliseconds: number,
    private readonly now: () => number,
    private readonly keeps: boolean,
  ) {}

  public add(actor: string, event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!this.keeps) return;
    const seconds = ((this.now() - this.startMilliseconds) / 1_000).toFixed(3).padStart(10);
    const rest = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
    this.kept.push([`${seconds} s`, actor.padEnd(16), event, ...rest].join("  "));
  }

  public get text(): string {
    return this.kept.map((line) => `${line}\n`).join("");
  }
}

function shown(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
