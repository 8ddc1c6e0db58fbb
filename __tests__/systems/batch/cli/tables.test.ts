import { PROJECT } from "../../../support/project";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import stringWidth from "string-width";
import { renderBatch, totalTable } from "../../../../systems/batch/cli/render/batch";
import { renderCosts, type CostsReport } from "../../../../systems/batch/cli/render/costs";
import { renderDeadLetters } from "../../../../systems/batch/cli/render/dead-letters";
import { renderDestruction } from "../../../../systems/batch/cli/render/destroy";
import { renderConformance, renderFindings, renderServices } from "../../../../systems/batch/cli/render/doctor";
import { renderRestoreReport } from "../../../../systems/batch/cli/render/drill";
import { renderFile } from "../../../../systems/batch/cli/render/file";
import { fileTable } from "../../../../systems/batch/cli/render/files";
import { renderForecast } from "../../../../systems/batch/cli/render/forecast";
import type { Forecast } from "../../../../systems/batch/core/forecast/forecast";
import { renderQuarantine } from "../../../../systems/batch/cli/render/quarantine";
import { renderLoadTest } from "../../../../systems/batch/cli/render/load-test";
import type { LoadTest } from "../../../../systems/batch/cli/load-test/run-load-test";
import { summarise } from "../../../../systems/batch/cli/load-test/summary";
import { renderScenario } from "../../../../systems/batch/cli/render/simulation";
import type { Scenario } from "../../../../systems/batch/cli/simulate/scenario";
import type { RunOutcome } from "../../../../systems/batch/cli/simulate/simulate-scenario";
import { renderBatchList } from "../../../../systems/batch/cli/render/status";
import { renderTable } from "../../../../kit/cli/render/table";
import { renderVerification } from "../../../../systems/batch/cli/render/verification";
import type { BatchDocument } from "../../../../systems/batch/core/results/batch-document";
import { batchRecord } from "../../../support/batch-record";
import { PRICE_LIST } from "../../../../kit/lib/price-list";
import { fileWords, NOTHING_MADE, wordCountOf, wordItem, wordTotal } from "../../../support/word-count";
import { CHECK_NAMES } from "../../../../systems/batch/core/verify/verification";

const BATCH_ID = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
const BATCH = batchRecord();
const MOST = Number.MAX_SAFE_INTEGER;
const FILES = { total: MOST, processed: MOST, skipped: MOST, quarantined: MOST, unfinished: MOST };
const IDENTITY = { bucket: "b", key: "k", etag: "e", size: MOST, lastModified: "2026-01-01T00:00:00.000Z" };
const MADE = fileWords({ encoding: "windows-1252", textBytes: 3, invalidBytes: 1 });
const DOCUMENT = {
  batchId: BATCH_ID,
  status: "completed",
  route: null,
  files: FILES,
  bytes: 0,
  seconds: 0,
  outputs: { files: MOST, bytes: MOST },
};
const PLAN = { fileCount: MOST, estimatedCostUsd: 123_456.78 } as never;

const COSTS = { compute: 123_456.78, addresses: 1, requests: 1e-9, workflow: 1, queues: 0, objects: 1, tables: 1 };

/** Every table of the command, with a text that may be anything wherever one comes from outside. */
const TABLES: Readonly<Record<string, (text: string, width: number) => string>> = {
  "batch.ts": (text, width) => {
    const result = wordTotal({ words: [{ word: text, count: MOST }] });
    const exceptions = [
      { filename: text, status: "quarantined", reason: "workload-error", detail: text, bytes: 0, ...NOTHING_MADE },
    ] as const;
    return renderBatch(
      { ...DOCUMENT, workload: wordCountOf().record, result } as unknown as BatchDocument,
      { exceptions: [...exceptions] },
      width,
    );
  },
  "batch.ts, total": (text, width) =>
    totalTable(
      {
        columns: ["word", "count"],
        rows: [
          [text, 1],
          ["a", MOST],
        ],
      },
      width,
    ),
  "file.ts": (text, width) =>
    renderFile(
      "f",
      wordItem(IDENTITY, fileWords({ textBytes: 1, totalWords: 1, distinctWords: 1, words: [{ word: text, count: 1 }] })),
      width,
    ),
  "dead-letters.ts": (text, width) =>
    renderDeadLetters(
      [
        { queue: "results", messageId: text, receiveCount: MOST, bytes: 1, content: { kind: "unreadable", problem: text } },
        {
          queue: "jobs",
          messageId: "d2b1a9c0-1111-2222-3333-444444444444",
          receiveCount: 1,
          bytes: 1,
          content: { kind: "objects", objects: [{ bucket: text, key: text }] },
        },
        {
          queue: "chunks",
          messageId: "m",
          receiveCount: 1,
          bytes: 1,
          content: { kind: "chunk", batchId: BATCH_ID, generation: 999_999_999, index: 1, problem: text },
        },
      ],
      width,
    ),
  "destroy.ts": (text, width) =>
    renderDestruction(
      {
        stack: text,
        environment: text,
        owner: text,
        buckets: [{ name: text, versions: MOST, bytes: MOST }],
        tables: [
          { name: text, isProtected: true },
          { name: "t", isProtected: false },
        ],
        foreignBuckets: [text],
      },
      [{ batchId: BATCH_ID, generation: 1 }],
      width,
    ),
  "doctor.ts": (text, width) =>
    renderServices(
      [
        { service: text, milliseconds: 1e9, problem: text },
        { service: `S3 (bucket ${"b".repeat(63)})`, milliseconds: 1 },
      ],
      width,
    ),
  "doctor.ts, findings": (text, width) =>
    renderFindings(
      [
        { check: text, verdict: "wrong", says: text, fix: text },
        { check: "node", verdict: "well", says: text },
      ],
      width,
    ),
  "doctor.ts, conformance": (text, width) =>
    renderConformance(
      [
        { name: text, intent: "", expected: { [text]: text }, found: { x: text }, verdict: "differs", why: "why" },
        { name: "a", intent: "", expected: {}, found: {}, verdict: "known", why: "why" },
      ],
      width,
    ),
  "files.ts": (text, width) =>
    fileTable(
      [
        { filename: text, status: "quarantined", reason: "decompression-limit", bytes: MOST, doubtful: false, ...NOTHING_MADE },
        { filename: "a", status: "processed", bytes: MOST, doubtful: true, result: MADE, outputs: [] },
      ],
      width,
    ),
  "quarantine.ts": (text, width) =>
    renderQuarantine(
      [
        {
          batch: BATCH,
          generation: 1,
          total: 1,
          byReason: {},
          first: [{ filename: text, status: "quarantined", reason: "decompression-limit", bytes: MOST }],
        },
      ] as never,
      width,
    ),
  "status.ts": (text, width) =>
    renderBatchList(
      [
        {
          batch: { ...BATCH, batchId: BATCH_ID, requestId: text },
          generation: { generation: 999_999_999, plan: PLAN, status: "open" } as never,
          progress: { phase: "processing", settled: MOST, total: MOST },
          started: true,
        },
        {
          batch: { ...BATCH, batchId: BATCH_ID, requestId: BATCH_ID },
          generation: { generation: 1, status: "open" } as never,
          progress: { phase: "planning" },
          started: false,
        },
      ],
      Date.parse("2036-01-01"),
      width,
    ),
  "drill.ts": (text, width) =>
    renderRestoreReport(
      {
        ...{ at: 0, recoveryPointSeconds: MOST, restoredAfterSeconds: MOST, checkedAfterSeconds: MOST, tables: [], holds: false },
        batches: [{ batchId: BATCH_ID, generation: 999_999_999, holds: false, files: MOST, chunkRows: MOST, wrong: [text] }],
        missing: [BATCH_ID],
      },
      width,
      true,
    ),
  "costs.ts": (_text, width) =>
    renderCosts(
      {
        ref: { batchId: BATCH_ID, generation: 999_999_999 },
        plan: { estimatedSeconds: MOST, estimatedCostUsd: 123_456.78 } as CostsReport["plan"],
        done: {
          chunksClaimed: MOST,
          claims: MOST,
          commits: MOST,
          partials: MOST,
          slotSeconds: MOST,
          calls: MOST,
          spotLosses: MOST,
          deaths: MOST,
          workers: MOST,
        },
        costs: {
          route: "fleet",
          costs: COSTS,
          totalUsd: 123_456.78,
          bootAndIdleUsd: 1,
          savedBySpotUsd: 1,
          lostToSpotUsd: 1,
          estimatedUsd: 1,
        },
        isOver: false,
        isLocal: true,
        instanceType: "c7g.large",
        prices: { region: "us-east-1", checked: "2026-11-29", usd: PRICE_LIST.usd, instances: {} },
        seconds: MOST,
      },
      width,
    ),
  "forecast.ts": (text, width) => {
    const limit = { name: "work", what: text, has: MOST, seconds: MOST, raise: text };
    const raise = { name: "work", what: "what", from: MOST, to: MOST, raise: "how" };
    const possible = {
      possible: true,
      seconds: 1e9,
      costUsd: 123_456.78,
      costs: COSTS,
      size: MOST,
      openBatches: 1,
      limits: [limit],
      binding: limit,
    } as const;
    const result: Forecast = {
      subject: {
        files: MOST,
        bytes: MOST,
        splitCount: 1,
        chunkCount: 1,
        weightBytes: 1,
        largestChunkBytes: 1,
        largestSplitBytes: 1,
        groupCount: 1,
      },
      work: { splitCount: MOST, chunkCount: MOST, partialCount: MOST, slotSeconds: MOST, largestChunkSeconds: MOST },
      batches: { count: MOST, filesEach: MOST, chunksEach: MOST, open: 100, because: "partials" },
      submitAtOnce: 100,
      routes: [
        { ...possible, route: "fleet", deadline: { met: false, raises: [raise], size: MOST, fixedSeconds: 1 } },
        { ...possible, route: "spark" },
        { route: "lambda", possible: false, because: "why" },
      ],
      chosen: { route: "fleet", why: "why" },
      assumptions: ["that"],
    };
    return renderForecast(result, 7_200, width);
  },
  "load-test.ts": (text, width) => {
    const samples = [0, 1].map((seconds) => ({
      seconds,
      visible: MOST,
      inFlight: MOST,
      acknowledged: 0,
      results: MOST,
      desired: 1,
      instances: [{ id: text, zone: text, state: "InService" }],
      alarms: [text],
    }));
    const scan = { returned: MOST, scanned: MOST, isWhole: false };
    const wrong = [{ name: text, problem: text }];
    const test: LoadTest = {
      runId: "r",
      files: MOST,
      bytes: MOST,
      timeFactor: 120,
      plan: { keys: [], leftOut: [], twice: "" },
      preflight: { group: { minimum: 1, desired: 1, maximum: 5, defaultCooldownSeconds: 0, instances: [] }, unseen: [] },
      samples,
      summary: summarise({ samples, copiedSeconds: 0, acknowledgedSeconds: 1, scaledInSeconds: 1 }),
      items: { files: MOST, items: MOST, wrong, missing: wrong, totalWords: MOST, scan, itemBytes: MOST, estimatedReadUnits: MOST },
      results: MOST,
      waitedForScaleIn: true,
      activities: [],
    };
    return renderLoadTest(test, width);
  },
  "simulation.ts": (text, width) => {
    const scenario = { name: "name", description: "" } as Scenario;
    const row = {
      run: text,
      machine: text,
      publishedSeconds: MOST,
      simulatedSeconds: MOST,
      error: 1,
      instances: MOST,
      costUsd: MOST,
      billedUsd: MOST,
    };
    return renderScenario(scenario, { rows: [row as RunOutcome], fitted: {}, sensitivities: [] }, width);
  },
  "verification.ts": (text, width) =>
    renderVerification(
      {
        ref: { batchId: BATCH_ID, generation: 1 },
        holds: false,
        checks: CHECK_NAMES.map((name) => ({ name, holds: false, counts: { files: MOST, [text]: MOST }, detail: text })),
      },
      width,
    ),
};

const HOSTILE = [
  "",
  "x".repeat(1_000),
  `${"folder/".repeat(100)}file with blanks.txt`,
  "\u001b[2J\u001b]0;title\u0007",
  "\u009b31m\u0085",
  "a\nb\r\nc\td",
  "\u202egpj.exe\u2066",
  "zero\u200bwidth\u2060\u3164\ufe0f",
  "日本語".repeat(60),
  "e\u0301".repeat(100),
  "🎉👩‍👩‍👧".repeat(40),
  "\ud800lone",
  "│─┼".repeat(60),
];
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Lines of the tables, which begin with a frame. */
const framed = (rendered: string): string[] => rendered.split("\n").filter((line) => /^[│┌├└]/.test(line));

function expectFits(rendered: string, width: number): void {
  const widths = framed(rendered).map(stringWidth);
  expect(widths.length).toBeGreaterThan(3);
  expect(Math.max(...widths)).toBeLessThanOrEqual(width);
  // all lines of a table are as wide as its frame: none is broken
  expect(new Set(widths).size).toBeLessThanOrEqual(rendered.split("\n").filter((line) => line.startsWith("┌")).length);
  for (const line of rendered.split("\n")) expect(line).not.toMatch(UNPRINTABLE);
}

test("every file that draws a table is looked at here", () => {
  const folder = path.join(PROJECT, "systems/batch/cli");
  const drawing = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) =>
      file.endsWith(".ts") &&
      !file.endsWith("/table.ts") &&
      /renderTable\(|totalTable\(|cli-table3/.test(readFileSync(path.join(folder, file), "utf8")),
  );
  expect(drawing.map((file) => path.basename(file)).toSorted()).toEqual(
    [...new Set(Object.keys(TABLES).map((name) => name.split(",")[0]))].toSorted(),
  );
});

describe.each(Object.entries(TABLES))("%s", (_name, render) => {
  test.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 30), text]))(
    "fits 80 columns and keeps its shape with %s",
    (_text, text) => {
      expectFits(render(text, 80), 80);
    },
  );
  test("fits with any text, also wider and narrower screens", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary", maxLength: 120 }), fc.string({ maxLength: 120 })),
        fc.constantFrom(60, 80, 132),
        (text, width) => {
          expectFits(render(text, width), width);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe("a table", () => {
  const columns = [
    { head: "file", least: 10 },
    { head: "size", align: "right" },
  ] as const;
  test("that fits is as wide as its text", () => {
    expect(renderTable(columns, [["a b", 1_234]], 80)).toBe(
      ["┌──────┬───────┐", "│ file │  size │", "├──────┼───────┤", "│ a b  │ 1,234 │", "└──────┴───────┘"].join("\n"),
    );
  });
  test("breaks between words, and leaves nothing out", () => {
    const text = "one two three four five six seven eight nine ten";
    const rendered = renderTable(columns, [[text, 5]], 40);
    const cells = framed(rendered).map((line) => line.split("│")[1]?.trim() ?? "");
    expect(cells.slice(3, -1).join(" ").trim()).toBe(text);
  });
  test("takes the room of a wide screen", () => {
    const long = "x".repeat(100);
    expect(renderTable(columns, [[long, 5]], 132)).toContain(long);
    expect(renderTable(columns, [[long, 5]], 80)).not.toContain(long);
  });
});
