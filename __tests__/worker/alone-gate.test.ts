import { getEventListeners } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { AloneGate, GateClosedError, type GatePass } from "../../worker/alone-gate";

interface Job {
  readonly pass: GatePass;
  readonly abort: AbortController;
  state: "inside" | "waiting" | "alone" | "out";
}

const never = new AbortController().signal;

/** Jobs at one gate, as a worker would run them. */
class Gate {
  public readonly jobs: Job[] = [];
  public readonly asked: Job[] = [];
  public readonly granted: Job[] = [];
  public readonly gate = new AloneGate();

  public enter(): Job {
    const job: Job = { pass: this.gate.enter(), abort: new AbortController(), state: "inside" };
    this.jobs.push(job);
    return job;
  }
  public ask(job: Job): void {
    job.state = "waiting";
    this.asked.push(job);
    job.pass.untilAlone(job.abort.signal).then(
      () => {
        job.state = "alone";
        this.granted.push(job);
      },
      () => {
        job.state = "out";
        job.pass.leave();
      },
    );
  }
  public leave(job: Job): void {
    job.state = "out";
    job.pass.leave();
  }
  public in(...states: Job["state"][]): Job[] {
    return this.jobs.filter(({ state }) => states.includes(state));
  }
}

describe("the gate of jobs that work alone", () => {
  test("jobs run side by side until one asks to be alone; it waits for those inside, and none enters meanwhile", async () => {
    const world = new Gate();
    const [first, second] = [world.enter(), world.enter()];
    world.ask(second);
    await nextTurn();
    expect([second.state, world.gate.open]).toEqual(["waiting", false]);
    expect(() => world.enter()).toThrow(GateClosedError);
    world.leave(first);
    await nextTurn();
    expect([second.state, world.gate.open]).toEqual(["alone", false]);
    expect(() => world.enter()).toThrow(GateClosedError);
    world.leave(second);
    expect(world.gate.open).toBe(true);
    expect(world.enter().state).toBe("inside");
  });

  test("two that want to be alone get their turns in the order they asked, not a deadlock", async () => {
    const world = new Gate();
    const [first, second] = [world.enter(), world.enter()];
    world.ask(second);
    world.ask(first);
    await nextTurn();
    expect([first.state, second.state]).toEqual(["waiting", "alone"]);
    world.leave(second);
    await nextTurn();
    expect([first.state, world.gate.open]).toEqual(["alone", false]);
  });

  test("the only job inside is alone at once, and asking again changes nothing", async () => {
    const world = new Gate();
    const { pass } = world.enter();
    await pass.untilAlone(never);
    await pass.untilAlone(never);
    expect(world.gate.open).toBe(false);
    pass.leave();
    expect(world.gate.open).toBe(true);
  });

  test.each(["before", "while"])(
    "one that is told to drain %s it waits stops waiting, with the reason, and the gate opens",
    async (when) => {
      const world = new Gate();
      world.enter();
      const waiting = world.enter();
      const drain = new AbortController();
      if (when === "before") drain.abort(new Error("drain"));
      const asked = waiting.pass.untilAlone(drain.signal);
      expect(world.gate.open).toBe(when === "before");
      drain.abort(new Error("drain"));
      await expect(asked).rejects.toThrow("drain");
      expect(world.gate.open).toBe(true);
      waiting.pass.leave();
      expect(world.enter().state).toBe("inside");
    },
  );

  test("one that is told to drain before it asks takes no other's turn", async () => {
    const world = new Gate();
    const [inside, first, second] = [world.enter(), world.enter(), world.enter()];
    world.ask(first);
    second.abort.abort(new Error("drain"));
    world.ask(second);
    await nextTurn();
    expect([first.state, second.state]).toEqual(["waiting", "out"]);
    world.leave(inside);
    await nextTurn();
    expect(first.state).toBe("alone");
  });

  test("a signal that outlives many turns is listened to only while its job waits", async () => {
    const world = new Gate();
    const [inside, waiting] = [world.enter(), world.enter()];
    const { signal } = waiting.abort;
    world.ask(waiting);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    world.leave(inside);
    await nextTurn();
    expect(waiting.state).toBe("alone");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("one that gave up waiting and leaves doesn't end another's time alone; nor does being told to drain once it has its turn", async () => {
    const world = new Gate();
    const [first, second] = [world.enter(), world.enter()];
    world.ask(second);
    world.ask(first);
    await nextTurn();
    expect([first.state, second.state]).toEqual(["waiting", "alone"]);
    first.abort.abort(new Error("drain"));
    second.abort.abort(new Error("drain"));
    await nextTurn();
    expect([first.state, second.state, world.gate.open]).toEqual(["out", "alone", false]);
    world.leave(second);
    expect(world.gate.open).toBe(true);
  });

  test("who is alone never overlaps with another, turns come in order, and nobody waits forever", async () => {
    const actions = fc.array(fc.record({ kind: fc.constantFrom("enter", "ask", "leave", "abort"), pick: fc.nat({ max: 50 }) }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(actions, async (steps) => {
        const world = new Gate();
        const picked = (jobs: readonly Job[], pick: number): Job | undefined => jobs[pick % Math.max(1, jobs.length)];
        const check = async (): Promise<void> => {
          await nextTurn();
          const [alone, inside, waiting] = [world.in("alone"), world.in("inside"), world.in("waiting")];
          expect(alone.length).toBeLessThanOrEqual(1);
          expect(alone.length === 1 && inside.length > 0).toBe(false);
          // somebody works whenever somebody waits
          expect(waiting.length > 0 && alone.length + inside.length === 0).toBe(false);
          expect(world.gate.open).toBe(alone.length + waiting.length === 0);
        };
        for (const { kind, pick } of steps) {
          if (kind === "enter" && world.gate.open) world.enter();
          const job = picked(kind === "ask" ? world.in("inside") : world.in(kind === "abort" ? "waiting" : "inside", "alone"), pick);
          if (job !== undefined && kind === "ask") world.ask(job);
          if (job !== undefined && kind === "leave") world.leave(job);
          if (job !== undefined && kind === "abort") {
            if (job.state === "waiting") job.abort.abort(new Error("drain"));
            else world.leave(job);
          }
          await check();
        }
        // every job ends some time: then all that still wait have their turn, one by one
        const left = world.in("waiting").length;
        const before = world.granted.length;
        for (let rest = world.in("inside", "alone"); rest.length > 0; rest = world.in("inside", "alone")) {
          for (const job of rest) world.leave(job);
          await check();
        }
        expect(world.granted.length - before).toBe(left);
        expect(world.in("out")).toHaveLength(world.jobs.length);
        expect(world.gate.open).toBe(true);
        const turns = world.asked.filter((job) => world.granted.includes(job));
        expect(world.granted).toEqual(turns);
      }),
      { numRuns: 150 },
    );
  });
});
