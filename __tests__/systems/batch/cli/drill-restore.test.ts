import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { DRILL_TAG } from "../../../../systems/batch/core/drills/side-tables";
import { RowLedger } from "../../../../systems/batch/core/ledger/row-ledger";
import type { Row, RowKey, RowQuery, RowStore } from "../../../../kit/ports/row-store";
import { RestoreRefusedError } from "../../../../kit/ports/table-recovery";
import { MemoryResultStore } from "../../../../systems/batch/simulation/world/memory-result-store";
import { FakeTableRecovery, RESTORE_MILLISECONDS } from "../../../support/fakes/table-recovery";
import { BATCH_ID, GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../support/generation-world";
import { DOCTOR, Harness, OUTPUTS } from "./harness";

const SIDE = /^(wordfreq|wordfreq-ledger)-drill-[0-9a-z]{26}$/;
const DEPLOYED = ["--stack-outputs", "outputs.json"] as const;

/** A batch that the real code ran, and tables that can be restored: to what they are, unless a test damages what is restored. */
let world: GenerationWorld;
let harness: Harness;
let recovery: FakeTableRecovery;
let opened: { results: string; ledger: string } | undefined;
let restoredRows: RowStore;
let restoredResults: MemoryResultStore;

beforeEach(async () => {
  world = new GenerationWorld();
  harness = await Harness.make();
  const { clock, ledger, results, store, workflow } = world;
  recovery = new FakeTableRecovery(clock);
  for (const table of [OUTPUTS.results_table, OUTPUTS.ledger_table]) recovery.add(table, { tags: { Owner: "me", "aws:made": "x" } });
  restoredRows = world.rows;
  restoredResults = results;
  const outputs = { ...OUTPUTS, state_bucket: STATE };
  harness.parts = {
    ...{ clock, ledger, results, workflow, objects: store, outputs },
    doctor: { ...DOCTOR, emulator: false },
    recovery: {
      tables: recovery,
      open: (tables) => {
        opened = tables;
        return { ledger: new RowLedger(restoredRows, clock), results: restoredResults };
      },
    },
  };
  await writeFile(path.join(harness.directory, "outputs.json"), JSON.stringify(outputs));
  for (const name of ["a.txt", "b.txt", "c.txt"]) world.store.set(SOURCE, PREFIX + name, `${name} alpha betas alpha`);
  await world.createBatch();
  await world.run(1, () => "work");
  world.clock.advance(3_600_000);
});
afterEach(async () => {
  world.dispose();
  await rm(harness.directory, { recursive: true, force: true });
});

/** Nothing is there but what was there before. */
const expectRemoved = async (): Promise<void> => {
  world.clock.advance(60_000);
  expect(await recovery.named("")).toEqual([OUTPUTS.results_table, OUTPUTS.ledger_table]);
  const sides = recovery.calls.flatMap((call) => /^(?:remove|unprotect) (.*)$/.exec(call)?.[1] ?? []);
  for (const side of sides) expect(side).toMatch(SIDE);
};
const drill = (...options: string[]) => harness.run("drill", "restore", ...DEPLOYED, ...options);

describe("drill restore", () => {
  test("restores both tables to the same second, finds them true, tells RPO and RTO, and removes what it made", async () => {
    const marks: unknown[] = [];
    const remove = recovery.remove.bind(recovery);
    recovery.remove = (table) => {
      marks.push(recovery.tables.get(table)?.tags);
      return remove(table);
    };
    const { exitCode, stdout, stderr } = await drill("--yes");
    expect(stderr).toContain("costs about $");
    expect(stdout).toMatch(/│ 01JBATCH000000000000000000 │ +1 │ +3 │ +1 │ yes/);
    expect(stdout).toContain("RPO 300 seconds");
    // told to the next look
    expect(stdout).toMatch(/RTO 60\d seconds until both tables could be read, 60\d seconds until they were checked/);
    expect(exitCode).toBe(0);
    const restores = recovery.calls.filter((call) => call.startsWith("restore"));
    expect(restores.map((call) => / as of .*$/.exec(call)?.[0])).toEqual([
      " as of 2026-01-01T00:55:00.000Z",
      " as of 2026-01-01T00:55:00.000Z",
    ]);
    expect(opened?.results).toMatch(SIDE);
    expect(opened?.ledger).toMatch(SIDE);
    // known by its mark and its owner's tags; those of AWS itself can't be put on
    const id = opened?.ledger.split("-").at(-1);
    expect(marks).toEqual([
      { Owner: "me", [DRILL_TAG]: id },
      { Owner: "me", [DRILL_TAG]: id },
    ]);
    await expectRemoved();
  });

  test.each([
    ["a result that is missing", () => (restoredResults = new MemoryResultStore()), /table: .*has no item/],
    [
      "a chunk's row that is missing",
      () => (restoredRows = hiding(world.rows, /^C#|CHUNK/)),
      /rows: the row of chunk 0 is not in the restored ledger/,
    ],
    [
      "a chunk's row from before",
      () => (restoredRows = changing(world.rows, /C#|CHUNK/, { claim: 7 })),
      /rows: the row of chunk 0 is not what was sealed/,
    ],
    ["the whole ledger", () => (restoredRows = hiding(world.rows, /./)), /it was finished by then, and the restored ledger/],
  ])("%s makes it fail, and the side tables go all the same", async (_what, damage, says) => {
    damage();
    const { exitCode, stdout } = await drill("--yes");
    expect(stdout).toMatch(says);
    expect(stdout).toContain("do NOT agree");
    expect(exitCode).toBe(1);
    await expectRemoved();
  });

  test("interrupted while it restores: it waits until the tables can go, and removes them", async () => {
    recovery.beforeRestore = (target) => {
      if (target.startsWith(`${OUTPUTS.ledger_table}-drill-`)) harness.interruption.abort(new Error("interrupted"));
    };
    const { exitCode, stderr } = await drill("--yes");
    expect(stderr).toMatch(/waiting for the restore of wordfreq-drill-\w+ to end/);
    expect(exitCode).not.toBe(0);
    expect(recovery.calls.filter((call) => call.startsWith("restore"))).toHaveLength(2);
    await expectRemoved();
  });

  test("a restore that is refused leaves nothing; the other table's is removed", async () => {
    recovery.beforeRestore = (target) => {
      if (target.startsWith(`${OUTPUTS.ledger_table}-drill-`)) throw new RestoreRefusedError("wordfreq-ledger", new Error("too many"));
    };
    const before = world.clock.monotonic();
    const { exitCode } = await drill("--yes");
    expect(exitCode).toBe(1);
    // nobody waits for a table that was never begun
    expect(world.clock.monotonic() - before).toBeLessThan(RESTORE_MILLISECONDS + 60_000);
    await expectRemoved();
  });

  test("tables of prod are protected, and so may be their copies: only the copies are unprotected", async () => {
    for (const table of [OUTPUTS.results_table, OUTPUTS.ledger_table]) recovery.add(table, { isProtected: true });
    expect((await drill("--yes")).exitCode).toBe(0);
    expect(recovery.calls.filter((call) => call.startsWith("unprotect"))).toHaveLength(2);
    await expectRemoved();
    expect(recovery.tables.get(OUTPUTS.ledger_table)?.isProtected).toBe(true);
  });

  test("a table that can't be removed is named, with the command that removes it", async () => {
    recovery.remove = () => Promise.reject(new Error("AccessDenied"));
    const { exitCode, stderr } = await drill("--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/could not remove wordfreq-drill-\w+ and wordfreq-ledger-drill-\w+: AccessDenied/);
    expect(stderr).toMatch(/fix: .*aws dynamodb delete-table --table-name wordfreq-drill-/);
  });
});

describe("what is refused before anything is restored", () => {
  afterEach(() => {
    expect(recovery.calls).toEqual([]);
  });

  test("nobody can be asked; the answer is not yes; --dry-run only tells", async () => {
    expect(await drill()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--yes") as string });
    harness.answer = "no";
    expect(await drill()).toMatchObject({ exitCode: 2 });
    const { exitCode, stdout } = await drill("--dry-run", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ restored: false, batchesToCheck: [BATCH_ID], recoveryPointSeconds: 300, left: [] });
  });

  test("recovery is off", async () => {
    recovery.add(OUTPUTS.ledger_table, { isRecoverable: false });
    expect(await drill("--yes")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("wordfreq-ledger' is off") as string });
  });

  test("no batch was finished by the newest point", async () => {
    world.clock.advance(-3_600_000);
    expect(await drill("--yes")).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/no batch was finished by then/) as string });
    expect(refOf(1).batchId).toBe(BATCH_ID);
  });
});

describe("drill restore --remove-left", () => {
  const ID = "01m8hxzvarcphn7rrgz11fqapy";

  test("removes side tables that carry the mark of their name, after a yes, and nothing else", async () => {
    recovery.add(`wordfreq-drill-${ID}`, { tags: { [DRILL_TAG]: ID } });
    recovery.add("wordfreq-drill-of-mine", { tags: { [DRILL_TAG]: "of-mine" } });
    expect((await drill("--dry-run")).stdout).toContain(`another drill's side table is there: wordfreq-drill-${ID}`);
    expect(await drill("--remove-left")).toMatchObject({ exitCode: 2 });
    expect(await drill("--remove-left", "--yes")).toMatchObject({ exitCode: 0, stdout: `removed wordfreq-drill-${ID}\n` });
    world.clock.advance(60_000);
    expect(await recovery.named("")).toEqual(["wordfreq", "wordfreq-drill-of-mine", "wordfreq-ledger"]);
  });

  test("a table without the mark is left alone and told", async () => {
    recovery.add(`wordfreq-drill-${ID}`, { tags: { Owner: "me" } });
    const { exitCode, stderr } = await drill("--remove-left", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("left alone");
    expect(recovery.calls).toEqual([]);
  });
});

/** A table that lost the rows whose keys match. */
const hiding = (rows: RowStore, key: RegExp): RowStore => ({
  ...writes(rows),
  get: async (at) => (matches(key, at) ? undefined : rows.get(at)),
  query: (pk, options) => filtered(rows, pk, options, (row) => (matches(key, keyOf(row)) ? undefined : row)),
});
/** A table whose rows with matching keys are from another time. */
const changing = (rows: RowStore, key: RegExp, change: Row): RowStore => ({
  ...writes(rows),
  get: (at) => rows.get(at),
  query: (pk, options) => filtered(rows, pk, options, (row) => (matches(key, keyOf(row)) ? { ...row, ...change } : row)),
});
const matches = (pattern: RegExp, { pk, sk }: RowKey): boolean => pattern.test(sk) || pattern.test(pk);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const keyOf = (row: Row): RowKey => ({ pk: textOf(row["pk"]), sk: textOf(row["sk"]) });
const writes = (rows: RowStore): Pick<RowStore, "update" | "put" | "createAll"> => ({
  update: (...given) => rows.update(...given),
  put: (...given) => rows.put(...given),
  createAll: (...given) => rows.createAll(...given),
});
async function* filtered(
  rows: RowStore,
  pk: string,
  options: RowQuery | undefined,
  look: (row: Row) => Row | undefined,
): AsyncGenerator<Row> {
  for await (const row of rows.query(pk, options)) {
    const seen = look(row);
    if (seen !== undefined) yield seen;
  }
}
