import { QUARANTINE_REASONS, SKIP_REASONS } from "../../../../../systems/batch/contracts/files";
import { REASON_TEXTS } from "../../../../../systems/batch/core/quarantine/reasons";

const REASONS = [...SKIP_REASONS, ...QUARANTINE_REASONS];

test("every reason of the closed list has its meaning and its way out, one sentence each, none said twice", () => {
  expect(Object.keys(REASON_TEXTS).toSorted()).toEqual(REASONS.toSorted());
  const texts = Object.values(REASON_TEXTS).flatMap(({ meaning, remedy }) => [meaning, remedy]);
  for (const text of texts) expect(text).toMatch(/^[^.\n].{20,}[^.]$/);
  expect(new Set(Object.values(REASON_TEXTS).map(({ meaning }) => meaning)).size).toBe(REASONS.length);
});

test("a way out of quarantine says whether a replay helps; a replay never helps a skipped file", () => {
  for (const reason of QUARANTINE_REASONS) expect(REASON_TEXTS[reason].remedy).toMatch(/replay|another batch/);
  for (const reason of SKIP_REASONS) expect(REASON_TEXTS[reason].remedy).toContain("a replay leaves skipped files as they are");
});
