import { createWriteStream } from "node:fs";
import { link, mkdir, realpath, symlink } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { WorkloadUnusableError } from "../workload";

/** What a program with all its libraries hardly has: an archive with more is made to explode, or was packed by mistake. */
const MAXIMUM_BYTES = 4 * 2 ** 30;
const MAXIMUM_ENTRIES = 200_000;

/** Bits of a Unix mode by which a file may be executed. */
const EXECUTABLE = 0o111;

/** What is said of a program's archive that can't be used. */
export const badArchive = (problem: string, options?: ErrorOptions): WorkloadUnusableError =>
  new WorkloadUnusableError(`the program's archive can't be used: ${problem}; pack it anew, as .tar.gz, .tar or .zip`, options);

/** A folder that an archive is unpacked into. Nothing gets out of it, and what is in it is read-only. */
export class ProgramFolder {
  private entries = 0;
  private bytes = 0;

  /** @param root absolute, empty, without a link on the way */
  public constructor(private readonly root: string) {}

  public async addFolder(name: string): Promise<void> {
    this.count();
    await mkdir(this.placeOf(name), { recursive: true });
    await this.assertInside(this.placeOf(name), name);
  }

  /** @param mode Unix mode; undefined where the archive doesn't tell: then it may be executed */
  public async addFile(name: string, mode: number | undefined, content: AsyncIterable<Uint8Array>): Promise<void> {
    const isExecutable = mode === undefined || (mode & EXECUTABLE) !== 0;
    const target = createWriteStream(await this.newPlace(name), { flags: "wx", mode: isExecutable ? 0o555 : 0o444 });
    await pipeline(this.counted(content), target);
  }

  /** @param target as the archive has it: relative to the link's own folder */
  public async addSymbolicLink(name: string, target: string): Promise<void> {
    if (path.isAbsolute(target)) throw badArchive(`'${name}' is a link to '${target}', outside of it`);
    this.placeOf(path.join(path.dirname(name), target));
    await symlink(target, await this.newPlace(name));
  }

  /** @param target name of a file that came before */
  public async addHardLink(name: string, target: string): Promise<void> {
    const existing = this.placeOf(target);
    await this.assertInside(existing, target);
    await link(existing, await this.newPlace(name));
  }

  private async newPlace(name: string): Promise<string> {
    this.count();
    const place = this.placeOf(name);
    if (place === this.root) throw badArchive("a file in it has no name");
    await mkdir(path.dirname(place), { recursive: true });
    await this.assertInside(path.dirname(place), name);
    return place;
  }

  private placeOf(name: string): string {
    const place = path.join(this.root, name);
    if (path.isAbsolute(name) || name.includes("\0") || (place !== this.root && !place.startsWith(this.root + path.sep)))
      throw badArchive(`'${name}' leads outside of it`);
    return place.endsWith(path.sep) ? place.slice(0, -1) : place;
  }

  /** A link that came before may lead anywhere in a chain: where it leads is looked at, not its text. */
  private async assertInside(place: string, name: string): Promise<void> {
    const real = await realpath(place);
    if (real !== this.root && !real.startsWith(this.root + path.sep)) throw badArchive(`'${name}' leads outside of it over a link`);
  }

  private count(): void {
    this.entries += 1;
    if (this.entries > MAXIMUM_ENTRIES) throw badArchive(`it has more than ${MAXIMUM_ENTRIES} files and folders`);
  }

  private async *counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of content) {
      this.bytes += chunk.length;
      if (this.bytes > MAXIMUM_BYTES) throw badArchive(`it unpacks to more than ${MAXIMUM_BYTES} bytes`);
      yield chunk;
    }
  }
}
