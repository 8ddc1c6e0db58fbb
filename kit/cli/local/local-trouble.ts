import type { VerbContext } from "../verb-context";

const POLL_MS = 1_000;

/**
 * Says while a command works with the local stack that is up what goes wrong there: a disk that is full, a worker that was lost. Whoever
 * waits for a batch would see nothing of it, and waits for it to end well once the trouble is over.
 */
export function tellTrouble({ local, reporter, atEnd }: Pick<VerbContext, "local" | "reporter" | "atEnd">): void {
  let told: string | undefined;
  let looking = false;
  const look = async (): Promise<void> => {
    const trouble = await local.findTrouble();
    if (trouble === undefined || trouble === told) return;
    told = trouble;
    reporter.say(`the local stack has trouble: ${trouble}`);
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch(() => {
        // a home that can't be looked at now: the command's own calls tell what is wrong with the stack
      })
      .finally(() => (looking = false));
  }, POLL_MS);
  timer.unref();
  atEnd(() => {
    clearInterval(timer);
  });
}
