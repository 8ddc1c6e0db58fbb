import { InvalidTokenError, StatesError, TaskDoesNotExistError, TaskTimedOutError } from "./errors";

/** A task that waits for its callback. */
export interface WaitingTask {
  readonly token: string;
  /** Settles with the callback's output, or rejects with a StatesError. */
  readonly answer: Promise<unknown>;
  /** Nobody waits any more: the token is dead from here on. */
  readonly close: () => void;
}

interface OpenTask {
  readonly succeed: (output: unknown) => void;
  readonly fail: (error: StatesError) => void;
}

const FORM = /^task-token-(.+)-(\d+)$/;

/** The tokens of one Step Functions. A token is used once; what happens to it afterwards can't be changed. */
export class TaskTokens {
  private readonly open = new Map<string, OpenTask>();
  private issued = 0;

  /** @param machineName keeps tokens of two worlds apart */
  public constructor(private readonly machineName: string) {}

  public issue(): WaitingTask {
    this.issued += 1;
    const token = Buffer.from(`task-token-${this.machineName}-${this.issued}`).toString("base64");
    const answer = new Promise<unknown>((resolve, reject) => {
      this.open.set(token, { succeed: resolve, fail: reject });
    });
    // an answer to a task that nobody awaits any more is none
    answer.catch(() => undefined);
    return { token, answer, close: () => this.open.delete(token) };
  }

  /** @throws TaskTimedOutError, TaskDoesNotExistError, InvalidTokenError */
  public succeed(token: string, output: unknown): void {
    this.take(token).succeed(output);
  }

  /** @throws as `succeed` */
  public fail(token: string, error: string, cause: string): void {
    this.take(token).fail(new StatesError(error, cause));
  }

  private take(token: string): OpenTask {
    const task = this.open.get(token);
    if (task !== undefined) {
      this.open.delete(token);
      return task;
    }
    const match = FORM.exec(Buffer.from(token, "base64").toString("utf8"));
    if (match === null) throw new InvalidTokenError(token);
    if (match[1] !== this.machineName || Number(match[2]) > this.issued) throw new TaskDoesNotExistError();
    throw new TaskTimedOutError();
  }
}
