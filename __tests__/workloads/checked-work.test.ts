import { CheckedSession, WorkloadResultError, type Checks } from "../../workloads/checked-work";
import { MAXIMUM_OUTPUT_NAME_BYTES, MAXIMUM_OUTPUTS } from "../../workloads/results/output-names";
import { MAXIMUM_RESULT_BYTES, type Session, type WorkContext, type Worked, type WorkSource } from "../../workloads/workload";

const NUMBERS_ONLY: Checks = {
  checkResult: (result) => {
    if (typeof result !== "number" && typeof result !== "string") throw new WorkloadResultError("no number");
    return result;
  },
  checkTotal: (total) => total,
};

/** What a workload's promise comes to; whether what it wrote for merging was put away. */
async function checked(worked: Worked<unknown>): Promise<{ worked: Worked<unknown>; partialGone: boolean }> {
  let partialGone = false;
  const partial = { size: 0, section: () => [] as never, dispose: () => Promise.resolve(void (partialGone = true)) };
  const session: Session<unknown> = {
    work: () => Promise.resolve(worked.status === "processed" ? { ...worked, partial } : worked),
    dispose: () => Promise.resolve(),
  };
  const answer = await new CheckedSession(session, NUMBERS_ONLY).work({} as WorkSource, {} as WorkContext);
  return { worked: answer, partialGone };
}

const outputs = (...names: string[]) => names.map((name) => ({ name, path: "/nowhere" }));
const processed = (result: unknown, names: string[] = []): Worked<unknown> => ({ status: "processed", result, outputs: outputs(...names) });

test.each<[string, Worked<unknown>, RegExp]>([
  ["a result that its schema doesn't take", processed({}), /^no number$/],
  ["no result at all", processed(undefined), /no result that JSON can say/],
  [
    "a result of one byte more than fits",
    processed("x".repeat(MAXIMUM_RESULT_BYTES - 1)),
    new RegExp(`${MAXIMUM_RESULT_BYTES + 1} bytes as JSON`),
  ],
  ["two outputs of one name", processed(1, ["a", "b/c", "b/c"]), /two outputs named 'b\/c'/],
  [
    "more outputs than may be",
    processed(
      1,
      Array.from({ length: MAXIMUM_OUTPUTS + 1 }, (_, index) => String(index)),
    ),
    /it has 1001 outputs/,
  ],
  ...["", "/a", "a/", "a//b", ".", "a/../b", "./a"].map((name): [string, Worked<unknown>, RegExp] => [
    `output ${JSON.stringify(name)}`,
    processed(1, [name]),
    /empty part, '\.' or '\.\.'$/,
  ]),
  ["an output's name with a line feed", processed(1, ["a\nb"]), /^its output "a\\nb": .*control characters$/],
  ["an output's name that is no Unicode", processed(1, ["\ud800"]), /no valid Unicode$/],
  ["an output's name that is too long", processed(1, ["é".repeat(128)]), /more than 255 bytes$/],
])("%s quarantines its file, and leaves nothing behind", async (_, worked, detail) => {
  expect(await checked(worked)).toEqual({
    worked: { status: "quarantined", reason: "workload-error", detail: expect.stringMatching(detail) as string },
    partialGone: true,
  });
});

test.each<[string, Worked<unknown>]>([
  ["a result as large as fits", processed("x".repeat(MAXIMUM_RESULT_BYTES - 2))],
  ["names as long as may be, and folders", processed(1, ["x".repeat(MAXIMUM_OUTPUT_NAME_BYTES), "a/b/ü 'c'", "..a", "a.."])],
  ["a file that it skips", { status: "skipped", reason: "not-text" }],
])("%s is taken as it is", async (_, worked) => {
  const { worked: answer, partialGone } = await checked(worked);
  expect(answer).toMatchObject(worked);
  expect(partialGone).toBe(false);
});
