import type { ExitTexts } from "../help/exit-texts";

/** What the exit codes of the kit's verbs mean, as in SystemCommand. */
export const KIT_EXITS: Readonly<Record<string, ExitTexts>> = {
  "local up": { done: "the stack is up", usage: "wrong usage, or a stack is up already" },
  "local down": { done: "no local stack is up any more", usage: "wrong usage" },
  "local scale": { done: "told, or done", usage: "wrong usage, or no local stack is up" },
  "local status": { done: "whether one is up or not", usage: "wrong usage" },
  "plan-review": {
    done: "nothing blocks the plan",
    failed: "the plan is blocked, or the review failed",
    usage: "wrong usage, or a file that is no plan or no policy; nothing was reviewed",
  },
};
