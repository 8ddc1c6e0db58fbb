import { before, instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

const MERGE_RANGE = "systems/batch/core/reduce/merge-range.ts";
const PUTS_JOINED = "      if (joinedFiles > 0) await store.putFile(stateBucket, rangeJoinedKey(ref, merging, range.index), joined);\n";

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
  {
    name: "section-before-joined",
    breaks: "a range's section is there before the results of its cut files are",
    patches: [instead(MERGE_RANGE, PUTS_JOINED, ""), before(MERGE_RANGE, '      deps.log("info", "range_merged",', PUTS_JOINED)],
  },
];
