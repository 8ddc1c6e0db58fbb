/** A job's place at the gate, from `enter` to `leave`. */
export interface GatePass {
  /**
   * Resolves when no other job is inside; until this one leaves none enters. The place is given up meanwhile, so that two that want
   * to be alone don't wait for each other: they get their turns in the order they asked.
   *
   * @throws the signal's reason when aborted first; then the job is outside and must not work
   */
  untilAlone(signal: AbortSignal): Promise<void>;
  /** Once the job is over, however it was. */
  leave(): void;
}

/** A job enters while another one is alone, or waits to be. */
export class GateClosedError extends Error {
  public override readonly name = "GateClosedError";
  public constructor() {
    super("a job can't enter while another one is alone or waits to be; look at `open` first");
  }
}

/**
 * Lets jobs run side by side, or one of them alone on its worker. From the moment one asks to be alone none enters, so it waits only
 * for those that are inside already; when all that asked had their turn the gate is open again. So nobody waits forever.
 */
export class AloneGate {
  private readonly inside = new Set<GatePass>();
  private readonly waiting: { readonly grant: () => void }[] = [];
  private alone: GatePass | undefined;

  /** Whether a job may enter; looked at again whenever one has left. */
  public get open(): boolean {
    return this.alone === undefined && this.waiting.length === 0;
  }

  /** @throws GateClosedError */
  public enter(): GatePass {
    if (!this.open) throw new GateClosedError();
    const pass: GatePass = {
      untilAlone: (signal) => this.untilAlone(pass, signal),
      leave: () => {
        this.leave(pass);
      },
    };
    this.inside.add(pass);
    return pass;
  }

  private untilAlone(pass: GatePass, signal: AbortSignal): Promise<void> {
    this.inside.delete(pass);
    return new Promise((resolve, reject) => {
      const waiter = {
        grant: (): void => {
          signal.removeEventListener("abort", aborted);
          this.inside.add(pass);
          this.alone = pass;
          resolve();
        },
      };
      const aborted = (): void => {
        const place = this.waiting.indexOf(waiter);
        if (place >= 0) this.waiting.splice(place, 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        this.moveOn();
      };
      if (signal.aborted) {
        aborted();
        return;
      }
      signal.addEventListener("abort", aborted);
      this.waiting.push(waiter);
      this.moveOn();
    });
  }

  private leave(pass: GatePass): void {
    this.inside.delete(pass);
    if (this.alone === pass) this.alone = undefined;
    this.moveOn();
  }

  private moveOn(): void {
    if (this.inside.size === 0) this.waiting.shift()?.grant();
  }
}
