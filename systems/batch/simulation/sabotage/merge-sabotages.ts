import { before, instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

/** What makes a merge in two steps the same as one in one step. */
export const MERGE_SABOTAGES: readonly Sabotage[] = [
  {
    name: "ranges-in-one-place",
    breaks: "every range of partials writes where the others do",
    patches: [instead("systems/batch/contracts/state-keys.ts", "sections/${String(index)}`", "sections/${String(index * 0)}`")],
  },
  {
    name: "merged-twice",
    breaks: "reduce adds the partials up once more than what their ranges were merged to",
    patches: [
      before(
        "systems/batch/core/reduce/rebuild.ts",
        '  if (inputs.ranges === "stored") await addStoredSections(',
        '  if (inputs.ranges === "stored") await addPartials(inputs, writtenPartials(written), merge);\n',
      ),
    ],
  },
];
