import { PendingWork } from "../../worker/pending-work";

test("it is settled when all that was begun is over, and keeps nothing of what is", async () => {
  const pending = new PendingWork();
  const ends: (() => void)[] = [];
  for (let work = 0; work < 3; work += 1) pending.add(new Promise((resolve) => ends.push(resolve)));
  let settled = false;
  const settling = pending.settled().then(() => (settled = true));
  ends[0]?.();
  ends[1]?.();
  await new Promise(setImmediate);
  expect([settled, pending.size]).toEqual([false, 1]);
  ends[2]?.();
  await settling;
  expect(pending.size).toBe(0);
});
