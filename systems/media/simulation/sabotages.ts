import { instead, type Sabotage } from "../../../kit/simulator/survey/sabotage";

const TAKE = "systems/media/core/take-upload.ts";

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: "row-without-fence",
    breaks: "whoever comes first or later writes the row, and sends",
    shownBy: 58,
    patches: [
      instead(
        TAKE,
        'uploads.update(key, { set: { ...row } }, { attribute: "state", is: "absent" })',
        "uploads.update(key, { set: { ...row } })",
      ),
    ],
  },
  {
    name: "claim-never-waited-for",
    breaks: "a claim is taken over while its holder works",
    shownBy: 58,
    patches: [instead(TAKE, "if (row.claimedUntil > clock.now()) throw new UploadInWorkError(row);", "")],
  },
  {
    name: "take-over-without-condition",
    breaks: "two that find a claim over both take it",
    shownBy: 2615,
    patches: [
      instead(
        TAKE,
        "const result = await uploads.update(key, { set: { claim, claimedUntil } }, condition);",
        'const result = await uploads.update(key, { set: { claim, claimedUntil } }, { attribute: "state", is: "present" }); void condition;',
      ),
    ],
  },
  {
    name: "sent-before-it-is-sent",
    breaks: "the row says sent before the queue has the message",
    shownBy: 19,
    patches: [
      instead(
        TAKE,
        "    await queues[route].send([body]);\n",
        '    await uploads.update(key, { set: { state: "sent" } });\n    await queues[route].send([body]);\n',
      ),
    ],
  },
  {
    name: "every-type-in-one-queue",
    breaks: "a picture's message goes to the queue of documents",
    shownBy: 1,
    patches: [
      instead(
        TAKE,
        "    await queues[route].send([body]);\n",
        '    await queues[route === "picture" ? "document" : route].send([body]);\n',
      ),
    ],
  },
  {
    name: "failure-swallowed",
    breaks: "a message that could not be sent is as good as sent",
    shownBy: 1036,
    patches: [instead(TAKE, "    await giveBack(deps, key, claim);\n    throw error;", "    await giveBack(deps, key, claim);")],
  },
];
