import { tellTrouble } from "../../../../kit/cli/local/local-trouble";

afterEach(() => {
  jest.useRealTimers();
});

test("what goes wrong with the local stack is said once, a new trouble again, and nothing after the end", async () => {
  jest.useFakeTimers();
  const troubles = [undefined, "disk full", "disk full", undefined, "worker lost", "never seen"];
  const said: string[] = [];
  const lastSteps: (() => void)[] = [];
  tellTrouble({
    local: { findTrouble: () => Promise.resolve(troubles.shift()) } as unknown as Parameters<typeof tellTrouble>[0]["local"],
    reporter: {
      say: (text) => said.push(text),
      step: () => undefined,
      wait: () => undefined,
      advance: () => undefined,
      finish: () => undefined,
    },
    atEnd: (step) => lastSteps.push(step),
  });
  await jest.advanceTimersByTimeAsync(5_000);
  for (const step of lastSteps) step();
  await jest.advanceTimersByTimeAsync(5_000);
  expect(said).toEqual(["the local stack has trouble: disk full", "the local stack has trouble: worker lost"]);
  expect(troubles).toEqual(["never seen"]);
});
