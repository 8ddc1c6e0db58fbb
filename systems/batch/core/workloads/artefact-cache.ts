import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { OwnedFolder } from "../../../../kit/folders/owned-folder";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { Artefact } from "../../../../workloads/record";
import { WorkloadUnusableError } from "../../../../workloads/workload";

/** What a batch brought along is not what its row says. */
export class ArtefactCorruptError extends Error {
  public override readonly name = "ArtefactCorruptError";
  public constructor(where: string, expected: string, found: string) {
    super(`${where} has SHA-256 ${found}, but the batch was submitted with ${expected}; submit its files again`);
  }
}

/** Files that batches brought along, fetched once each, checked by their hash, and kept for as long as this process works. */
export class ArtefactCache {
  private readonly fetched = new Map<string, Promise<string>>();
  private folder: Promise<OwnedFolder> | undefined;

  /** @param directory existing folder for temporary files */
  public constructor(
    private readonly store: ObjectStore,
    private readonly stateBucket: string,
    private readonly directory: string,
  ) {}

  /**
   * @returns path of the file
   * @throws WorkloadUnusableError when the batch has none of that name; ArtefactCorruptError; ObjectMissingError
   */
  public async fetch(artefacts: readonly Artefact[], name: string): Promise<string> {
    const artefact = artefacts.find((each) => each.name === name);
    if (artefact === undefined) throw new WorkloadUnusableError(`the batch brought no '${name}' along; submit it again with one`);
    let fetching = this.fetched.get(artefact.sha256);
    if (fetching === undefined) {
      fetching = this.download(artefact);
      this.fetched.set(artefact.sha256, fetching);
      // a download that broke off is made again by whoever asks next
      fetching.catch(() => this.fetched.delete(artefact.sha256));
    }
    return fetching;
  }

  public async dispose(): Promise<void> {
    const { folder } = this;
    this.fetched.clear();
    this.folder = undefined;
    await (await folder)?.remove();
  }

  private async download({ key, sha256 }: Artefact): Promise<string> {
    this.folder ??= OwnedFolder.create(this.directory, { kind: "scratch", prefix: "artefacts-" });
    const file = path.join((await this.folder).path, sha256);
    const { body } = await this.store.get(this.stateBucket, key);
    await pipeline(body, createWriteStream(file));
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    const found = hash.digest("hex");
    if (found !== sha256) throw new ArtefactCorruptError(`s3://${this.stateBucket}/${key}`, sha256, found);
    return file;
  }
}
