import type { MessagePort } from "node:worker_threads";
import { present } from "../../kit/lib/present";
import type { Decompressor } from "../../kit/ports/decompressor";
import { BoundWorkload } from "../bound-workload";
import { WorkloadUnusableError, type Merge, type SplitPartial } from "../workload";
import type { FromThread, Question, ThreadWorked, ToThread } from "./messages";
import { failureOf } from "./thread-failure";
import { ThreadInput } from "./thread-input";

/** Pieces of a section are brought together: a message costs what copying this much does. */
const SECTION_BYTES = 262_144;
/** The lease asks for 8 MiB (invariant 8): what is not told of is an eighth of that at most. */
const PROGRESS_BYTES = 1_048_576;

interface OpenMerge {
  readonly merge: Merge<unknown, unknown>;
  section?: AsyncIterator<string | Uint8Array>;
}

/** In a thread: answers the questions that come by its port, those of several slots side by side. */
export class ThreadServer {
  private readonly inputs = new Map<number, ThreadInput>();
  private readonly merges = new Map<number, OpenMerge>();
  private readonly partials = new Map<number, SplitPartial>();
  private lastPartial = 0;

  public constructor(
    private readonly port: Pick<MessagePort, "postMessage">,
    private readonly decompressor: Decompressor,
  ) {}

  /** Never rejects. */
  public async take(message: ToThread): Promise<void> {
    const { id } = message;
    if ("piece" in message) this.inputs.get(id)?.add(message.piece);
    else if ("inputEnds" in message) this.inputs.get(id)?.close();
    else if ("inputBreaks" in message) this.inputs.get(id)?.close(message.inputBreaks);
    else {
      if (message.hasInput) this.inputs.set(id, this.newInput(id));
      try {
        this.post({ id, answer: await this.answer(id, message.question) });
      } catch (error) {
        this.post({ id, failure: failureOf(error) });
      } finally {
        this.inputs.delete(id);
      }
    }
  }

  private async answer(id: number, question: Question): Promise<unknown> {
    switch (question.what) {
      case "work":
        return this.work(id, question);
      case "open-merge": {
        const { context, merge, workload } = question;
        const settings = { ...context, onProgress: this.progressOf(id), artefact: refuseArtefact };
        this.merges.set(merge, { merge: BoundWorkload.ofRecord(workload).merge(settings) });
        return undefined;
      }
      case "add":
        return this.mergeOf(question.merge).merge.add(this.takePartial(question.partial));
      case "add-section":
        return this.mergeOf(question.merge).merge.addSection(this.inputOf(id));
      case "next-of-section":
        return this.nextOfSection(this.mergeOf(question.merge));
      case "dispose-merge": {
        const { merge } = this.mergeOf(question.merge);
        this.merges.delete(question.merge);
        return merge.dispose();
      }
      case "dispose-partial":
        return this.takePartial(question.partial).dispose();
    }
  }

  private async work(id: number, { context, source, workload }: Extract<Question, { what: "work" }>): Promise<ThreadWorked> {
    const session = await BoundWorkload.ofRecord(workload).open({ directory: context.directory, artefact: refuseArtefact });
    try {
      const surroundings = { ...context, decompressor: this.decompressor, onProgress: this.progressOf(id) };
      const worked = await session.work({ ...source, body: this.inputOf(id) }, surroundings);
      if (worked.status !== "processed") return worked;
      const { partial, result } = worked;
      return { status: "processed", result, partial: partial === undefined ? undefined : this.keepPartial(partial) };
    } finally {
      await session.dispose();
    }
  }

  private async nextOfSection(open: OpenMerge): Promise<Uint8Array | undefined> {
    open.section ??= open.merge.section()[Symbol.asyncIterator]();
    const pieces: Uint8Array[] = [];
    for (let bytes = 0; bytes < SECTION_BYTES;) {
      const next = await open.section.next();
      if (next.done === true) break;
      // a piece may lie in memory that is written to again
      const piece = Buffer.from(next.value);
      pieces.push(piece);
      bytes += piece.length;
    }
    return pieces.length === 0 ? undefined : new Uint8Array(Buffer.concat(pieces));
  }

  private newInput(id: number): ThreadInput {
    return new ThreadInput((taken) => {
      this.post({ id, taken });
    });
  }

  private inputOf(id: number): ThreadInput {
    return present(this.inputs.get(id), "the input of what was asked");
  }

  private progressOf(id: number): (bytes: number) => void {
    let untold = 0;
    return (bytes) => {
      untold += bytes;
      if (untold < PROGRESS_BYTES) return;
      this.post({ id, progress: untold });
      untold = 0;
    };
  }

  private keepPartial(partial: SplitPartial): number {
    this.lastPartial += 1;
    this.partials.set(this.lastPartial, partial);
    return this.lastPartial;
  }

  private takePartial(number: number): SplitPartial {
    const partial = present(this.partials.get(number), "the partial that was asked for");
    this.partials.delete(number);
    return partial;
  }

  private mergeOf(number: number): OpenMerge {
    return present(this.merges.get(number), "the merge that was asked for");
  }

  private post(message: FromThread): void {
    const { buffer } = "answer" in message && message.answer instanceof Uint8Array ? message.answer : {};
    this.port.postMessage(message, buffer instanceof ArrayBuffer ? [buffer] : []);
  }
}

/** Nothing that runs in a thread asks for what a batch brought along: it would come from the process that started it. */
const refuseArtefact = (name: string): Promise<string> =>
  Promise.reject(new WorkloadUnusableError(`a thread has no artefact '${name}'; a workload that uses artefacts can't compute in one`));
