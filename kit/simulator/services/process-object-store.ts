import { Readable } from "node:stream";
import { listPages } from "../../lib/listing/list-pages";
import { flattened } from "../../lib/pages";
import type {
  CopyOptions,
  GetOptions,
  ListedObject,
  ListedPage,
  ListPageOptions,
  ObjectBody,
  ObjectHead,
  ObjectStore,
  PutFileOptions,
} from "../../ports/object-store";
import type { ObjectPlace } from "../../ports/object-identity";
import { abortableBody } from "../../lib/abortable-body";
import type { FaultPlan } from "../kernel/faults";
import { ServiceFaultError, type SimProcess } from "../kernel/sim-process";
import { abortable } from "./abortable";

/** What an object does to whoever works on it: takes the process down, or keeps it busy for ever. */
export type ReadEffect = "normal" | "kills" | "hangs";

/** As kit/aws/clients.ts sets it: a connection that is silent for so long is given up. */
const SOCKET_TIMEOUT_MILLISECONDS = 45_000;

export interface ObjectStoreWorld {
  readonly store: ObjectStore;
  readonly faults: FaultPlan;
  /** Asked for each GET of a process. */
  readonly effectOf: (process: SimProcess, bucket: string, key: string) => ReadEffect;
  /** What the first bytes of an object take, in milliseconds. */
  readonly readMilliseconds: (bucket: string) => number;
}

/** S3 as one process reaches it. */
export class ProcessObjectStore implements ObjectStore {
  public constructor(
    private readonly process: SimProcess,
    private readonly world: ObjectStoreWorld,
  ) {}

  public async get(bucket: string, key: string, options: GetOptions = {}): Promise<ObjectBody> {
    const { signal, ...rest } = options;
    const effect = this.world.effectOf(this.process, bucket, key);
    const got = await abortable(
      this.process.call("s3", "GetObject", () => this.world.store.get(bucket, key, rest)),
      signal,
    );
    const readMilliseconds = this.world.readMilliseconds(bucket);
    if (readMilliseconds > 0) await this.process.clock.sleep(readMilliseconds, signal);
    if (effect === "kills") {
      this.process.kill(`by the content of ${key}`);
      await new Promise<never>(() => undefined);
    }
    return { ...got, body: this.disturbed(got.body, effect, signal) };
  }

  public head(bucket: string, key: string): Promise<ObjectHead & { readonly archived: boolean }> {
    return this.process.call("s3", "HeadObject", () => this.world.store.head(bucket, key));
  }

  public list(bucket: string, prefix: string, after?: string): AsyncIterable<ListedObject> {
    return flattened(listPages(this, bucket, prefix, after));
  }

  public listPage(bucket: string, prefix: string, options?: ListPageOptions): Promise<ListedPage> {
    return this.process.call("s3", "ListObjectsV2", () => this.world.store.listPage(bucket, prefix, options));
  }

  public put(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    return this.process.call("s3", "PutObject", () => this.world.store.put(bucket, key, body));
  }

  public putFile(bucket: string, key: string, path: string, options?: PutFileOptions): Promise<void> {
    return this.process.call("s3", "PutObject", () => this.world.store.putFile(bucket, key, path, options));
  }

  public putStream(...parts: Parameters<ObjectStore["putStream"]>): Promise<void> {
    return this.process.call("s3", "PutObject", () => this.world.store.putStream(...parts));
  }

  public copy(from: ObjectPlace, to: ObjectPlace, options?: CopyOptions): Promise<void> {
    return this.process.call("s3", "CopyObject", () => this.world.store.copy(from, to, options));
  }

  private disturbed(body: Readable, effect: ReadEffect, signal: AbortSignal | undefined): Readable {
    const { faults } = this.world;
    let stream = body;
    if (effect === "hangs") stream = new Readable({ read: () => undefined });
    else if (faults.strikes("s3-transfer-stalled")) stream = this.halfOf(body, SOCKET_TIMEOUT_MILLISECONDS);
    else if (faults.strikes("s3-transfer-broken")) stream = this.halfOf(body, 0);
    return abortableBody(stream, signal);
  }

  /** The first half of a body and then, after a while, the end of its connection. */
  private halfOf(body: Readable, silentMilliseconds: number): Readable {
    const { clock } = this.process;
    return Readable.from(
      (async function* () {
        for await (const bytes of body as AsyncIterable<Uint8Array>) {
          yield bytes.subarray(0, bytes.length >> 1);
          break;
        }
        await clock.sleep(silentMilliseconds);
        throw new ServiceFaultError("s3", "GetObject", "the connection was reset in the middle of the transfer");
      })(),
      { objectMode: false },
    );
  }
}
