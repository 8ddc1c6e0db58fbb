import { PROJECT } from "../../../support/project";
import * as nodeFs from "node:fs";
import * as nodePromises from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { currentVolume, resetVolume } from "../../../../kit/simulator/memory/memory-file-system";
import * as memoryFs from "../../../../kit/simulator/memory/stand-ins/fs";
import * as memoryPromises from "../../../../kit/simulator/memory/stand-ins/fs-promises";

/** What both file systems offer here. */
interface FileSystem {
  readonly promises: typeof memoryPromises;
  readonly createReadStream: (path: string, options?: { start?: number; end?: number }) => Readable;
  readonly createWriteStream: typeof memoryFs.createWriteStream;
  readonly root: string;
}

let node: FileSystem;
let memory: FileSystem;

beforeEach(async () => {
  resetVolume();
  node = {
    promises: nodePromises as unknown as typeof memoryPromises,
    createReadStream: nodeFs.createReadStream,
    createWriteStream: nodeFs.createWriteStream,
    root: await nodePromises.mkdtemp(path.join(tmpdir(), "filemill-fs-")),
  };
  memory = { promises: memoryPromises, ...memoryFs, root: await memoryPromises.mkdtemp("/tmp/filemill-fs-") };
});
afterEach(async () => {
  await nodePromises.rm(node.root, { recursive: true, force: true });
});

/** Outcome of a step: its value, or the error's code, system call and number, and whether it names the path. */
async function outcomeOf(step: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: await step() };
  } catch (error) {
    const { code, errno, path: named, syscall } = error as NodeJS.ErrnoException;
    // how rm says that a folder is a folder differs between versions of Node
    return code === "ERR_FS_EISDIR" ? { code } : { code, errno, syscall, named: named !== undefined };
  }
}

type Step = (system: FileSystem, at: (name: string) => string) => Promise<unknown>;

async function expectEqualOutcomes(steps: readonly Step[], systems: readonly FileSystem[] = [node, memory]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const [expected, found] = await Promise.all(
      systems.map((system) => outcomeOf(() => step(system, (name) => path.join(system.root, name)))),
    );
    expect({ index, outcome: found }).toEqual({ index, outcome: expected });
  }
}

const readAll: (name: string) => Step = (name) => (system, at) => system.promises.readFile(at(name), "utf8");
const write: (name: string, data: string) => Step = (name, data) => (system, at) => system.promises.writeFile(at(name), data);

describe("the stand-ins do what node:fs does", () => {
  test("a file is written by a handle, bit by bit, and read by another", async () => {
    await expectEqualOutcomes([
      async ({ promises }, at) => {
        const file = await promises.open(at("file"), "wx");
        await file.appendFile(Buffer.from("one "));
        await file.writeFile(Buffer.from("two "));
        await file.appendFile("three");
        await file.close();
        await file.close();
      },
      async ({ promises }, at) => {
        const file = await promises.open(at("file"), "r");
        const bytes = new Uint8Array(8);
        const first = await file.read(bytes, 1, 5);
        const second = await file.read(bytes, 0, 3);
        const third = await file.read(new Uint8Array(100));
        const end = await file.read(bytes, 0, 1);
        await file.close();
        return [first.bytesRead, second.bytesRead, third.bytesRead, end.bytesRead, [...bytes]];
      },
      ({ promises }, at) => promises.stat(at("file")).then(({ size }) => size),
      readAll("file"),
    ]);
  });

  test("errors have Node's code, errno and system call", async () => {
    await expectEqualOutcomes([
      write("file", "x"),
      ({ promises }, at) => promises.open(at("none"), "r"),
      ({ promises }, at) => promises.open(at("none/file"), "wx"),
      ({ promises }, at) => promises.open(at("file"), "wx"),
      ({ promises }, at) => promises.open(at("file/below"), "wx"),
      ({ promises }, at) => promises.open(at("."), "w"),
      ({ promises }, at) => promises.readFile(at(".")),
      ({ promises }, at) => promises.readFile(at("none")),
      ({ promises }, at) => promises.stat(at("none")),
      ({ promises }, at) => promises.unlink(at("none")),
      ({ promises }, at) => promises.unlink(at(".")),
      ({ promises }, at) => promises.rmdir(at("none")),
      ({ promises }, at) => promises.rmdir(at("file")),
      ({ promises }, at) => promises.rmdir(at(".")),
      ({ promises }, at) => promises.readdir(at("none")),
      ({ promises }, at) => promises.readdir(at("file")),
      ({ promises }, at) => promises.realpath(at("none")),
      ({ promises }, at) => promises.lstat(at("none")),
      ({ promises }, at) => promises.mkdtemp(at("none/x-")),
      ({ promises }, at) => promises.mkdir(at("none/x")),
      ({ promises }, at) => promises.mkdir(at("file")),
      async ({ promises }, at) => {
        const file = await promises.open(at("other"), "wx");
        try {
          await file.read(new Uint8Array(1));
        } finally {
          await file.close();
        }
      },
      async ({ promises }, at) => {
        const file = await promises.open(at("file"), "r");
        try {
          await file.writeFile("x");
        } finally {
          await file.close();
        }
      },
      async ({ promises }, at) => {
        const file = await promises.open(at("file"), "r");
        await file.close();
        await file.read(new Uint8Array(1)).catch((error: unknown) => {
          throw Object.assign(new Error(), { code: (error as NodeJS.ErrnoException).code });
        });
      },
    ]);
  });

  test("a removed file can be read by whoever has it open, and its name used anew", async () => {
    await expectEqualOutcomes([
      async ({ promises }, at) => {
        await promises.writeFile(at("file"), "before");
        const file = await promises.open(at("file"), "r");
        await promises.unlink(at("file"));
        await promises.writeFile(at("file"), "after");
        const bytes = Buffer.alloc(6);
        await file.read(bytes);
        await file.close();
        return [bytes.toString(), await promises.readFile(at("file"), "utf8")];
      },
    ]);
  });

  test("folders: made, named by their prefix, each another, listed, removed when they are empty", async () => {
    await expectEqualOutcomes([
      async ({ promises }, at) => {
        const [a, b] = await Promise.all([promises.mkdtemp(at("run-")), promises.mkdtemp(at("run-"))]);
        await promises.writeFile(path.join(a, "file"), "x");
        const made = (await promises.stat(a)).isDirectory();
        const bytes = await promises.readdir(Buffer.from(a), { encoding: "buffer", withFileTypes: true });
        const listed = bytes.map((entry) => [entry.name.toString(), entry.isDirectory()]);
        await promises.unlink(Buffer.from(path.join(a, "file")));
        await promises.rmdir(a);
        const gone = await promises.stat(path.join(a, "file")).catch((error: unknown) => (error as NodeJS.ErrnoException).code);
        return [
          a === b,
          path.basename(a).length,
          path.basename(a).startsWith("run-"),
          made,
          listed,
          gone,
          (await promises.stat(b)).isFile(),
        ];
      },
      ({ promises }, at) => promises.mkdir(at("a/b/c"), { recursive: true }).then(() => undefined),
      ({ promises }, at) => promises.mkdir(at("a/b"), { recursive: true }),
      write("a/b/c/file", "deep"),
      readAll("a/b/../b/c/file"),
    ]);
  });

  test("streams: written by a pipeline, read whole and in part", async () => {
    const pieces = Array.from({ length: 40 }, (_, index) => String(index % 10).repeat(10_000));
    await expectEqualOutcomes([
      ({ createWriteStream }, at) => pipeline(Readable.from(pieces), createWriteStream(at("file"))),
      ({ createReadStream }, at) => text(createReadStream(at("file"))),
      ({ createReadStream }, at) => text(createReadStream(at("file"), { start: 9_999, end: 10_001 })),
      ({ createReadStream }, at) => text(createReadStream(at("none"))),
      ({ createWriteStream }, at) => pipeline(Readable.from(["x"]), createWriteStream(at("none/file"))),
      ({ createWriteStream }, at) => pipeline(Readable.from([]), createWriteStream(at("empty"))),
      ({ createReadStream }, at) => buffer(createReadStream(at("empty"))).then(({ length }) => length),
      ({ createReadStream }, at) => text(createReadStream(at("."))),
    ]);
  });

  test("property: any sequence of whole-file operations has the outcomes that Node's has", async () => {
    const name = fc.constantFrom("a", "b", "a/x", "b/x", "b/x/y", ".");
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.tuple(name, fc.string({ maxLength: 3 })).map(([at, data]) => write(at, data)),
      fc.tuple(name, fc.string({ maxLength: 3 })).map(
        ([file, data]): Step =>
          ({ promises }, at) =>
            promises.appendFile(at(file), data),
      ),
      name.map(readAll),
      name.map(
        (folder): Step =>
          ({ promises }, at) =>
            promises.mkdir(at(folder)),
      ),
      name.map(
        (file): Step =>
          ({ promises }, at) =>
            promises.unlink(at(file)),
      ),
      name
        .filter((target) => target !== ".")
        .map(
          (folder): Step =>
            ({ promises }, at) =>
              promises.rmdir(at(folder)),
        ),
      name.map(
        (folder): Step =>
          ({ promises }, at) =>
            promises.readdir(at(folder)).then((names) => names.toSorted()),
      ),
      name.map(
        (file): Step =>
          ({ promises }, at) =>
            promises.stat(at(file)).then((found) => [found.isFile(), found.isDirectory(), found.isFile() ? found.size : 0]),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const systems = await Promise.all(
          [node, memory].map(async (system) => ({ ...system, root: await system.promises.mkdtemp(path.join(system.root, "run-")) })),
        );
        await expectEqualOutcomes(steps, systems);
      }),
      { numRuns: 150 },
    );
  });
});

describe("a full disk", () => {
  test("fails the writes that were ordered to fail, with ENOSPC, and no others", async () => {
    const { promises } = memory;
    const file = await promises.open("/tmp/file", "wx");
    currentVolume().failNextWrites(2);
    const full = { code: "ENOSPC", syscall: "write", errno: -28 };
    await expect(file.appendFile("lost")).rejects.toMatchObject(full);
    await expect(pipeline(Readable.from(["lost"]), memoryFs.createWriteStream("/tmp/other"))).rejects.toMatchObject(full);
    await file.appendFile("kept");
    await file.close();
    await expect(promises.readFile("/tmp/file", "utf8")).resolves.toBe("kept");
  });
});

test("a new volume has nothing of the one before, and names its folders as that one did", async () => {
  const { promises } = memory;
  resetVolume();
  const first = await promises.mkdtemp("/tmp/run-");
  await promises.writeFile(`${first}/file`, "x");
  expect(currentVolume().paths).toEqual([`${first}/file`]);
  resetVolume();
  expect(currentVolume().paths).toEqual([]);
  await expect(promises.mkdtemp("/tmp/run-")).resolves.toBe(first);
});

test("a step has happened at its call and is told in microtasks alone", async () => {
  let turns = 0;
  const turn = setImmediate(() => (turns += 1));
  const { promises } = memory;
  void promises.writeFile("/tmp/file", "x");
  expect(currentVolume().paths).toEqual(["/tmp/file"]);
  await pipeline(Readable.from(["a", "b"]), memoryFs.createWriteStream("/tmp/stream"));
  await expect(text(memoryFs.createReadStream("/tmp/stream"))).resolves.toBe("ab");
  clearImmediate(turn);
  expect(turns).toBe(0);
});

/** Composition roots, and what is for workloads that start programs, are not part of the simulated world (simulator-bundle.mjs). */
const isElsewhere = (folder: string, file: string): boolean =>
  /(^|\/)(handler|main)\.ts$/.test(file) ||
  (folder === "workloads" && /^((command|module|programs)\/|results\/collect-outputs)/.test(file));

/** What the simulated runs' code imports of a module, by name. */
async function importedNames(module: string): Promise<Set<string>> {
  const names = new Set<string>();
  // a simulated world has no processes, and nothing but scratch folders
  const simulated = ["mark.ts", "owned-folder.ts", "removal.ts", "system-errors.ts"];
  for (const folder of ["kit/folders", "kit/lib", "kit/simulator/memory", "lambdas", "systems/batch/core", "worker", "workloads"]) {
    const root = path.join(PROJECT, folder);
    for (const file of await nodePromises.readdir(root, { recursive: true })) {
      if (!file.endsWith(".ts") || isElsewhere(folder, file) || (folder === "kit/folders" && !simulated.includes(file))) continue;
      const source = await nodePromises.readFile(path.join(root, file), "utf8");
      for (const [, list = ""] of source.matchAll(new RegExp(`import \\{([^}]*)\\} from "${module}";`, "g"))) {
        for (const name of list.split(",").map((part) => part.trim())) if (name !== "" && !name.startsWith("type ")) names.add(name);
      }
    }
  }
  return names;
}

test.each([
  ["node:fs", memoryFs],
  ["node:fs/promises", memoryPromises],
])("whatever the simulated code imports of %s has a stand-in", async (module, standIn) => {
  const names = await importedNames(module);
  expect(names.size).toBeGreaterThan(0);
  expect([...names].filter((name) => !(name in standIn))).toEqual([]);
});
