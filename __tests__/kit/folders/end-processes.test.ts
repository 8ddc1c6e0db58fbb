import { spawn } from "node:child_process";
import { once } from "node:events";
import { endProcesses, type EndLook } from "../../../kit/folders/end-processes";
import { findProcess } from "../../../kit/folders/processes";
import { present } from "../../../kit/lib/present";

const NO_TIME = 0;
const LONG = 60_000;
/** Of somebody who had ended before. */
const OLD = 4_000_001;
const NEW = 4_000_002;

test("one that ended during a look may have left a child: it is looked for again, and killed", async () => {
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  const gone = once(child, "exit");
  const facts = present(await findProcess(present(child.pid, "its number")), "the child");
  const looks: EndLook[] = [
    { members: [], ended: new Set([OLD]) },
    { members: [], ended: new Set([OLD, NEW]) },
    { members: [facts], ended: new Set([OLD, NEW]) },
    { members: [], ended: new Set([OLD, NEW]) },
  ];
  expect(await endProcesses(() => Promise.resolve(present(looks.shift(), "one look more")), LONG)).toEqual([]);
  expect(looks).toEqual([]);
  expect(await gone).toEqual([null, "SIGKILL"]);
});

test("nobody there, and nobody ended meanwhile: one look", async () => {
  let looks = 0;
  const look = (): Promise<EndLook> => {
    looks += 1;
    return Promise.resolve({ members: [], ended: new Set() });
  };
  expect(await endProcesses(look, LONG)).toEqual([]);
  expect(looks).toBe(1);
});

test("processes that end all the time keep it no longer than told", async () => {
  let next = OLD;
  expect(await endProcesses(() => Promise.resolve({ members: [], ended: new Set([(next += 1)]) }), NO_TIME)).toEqual([]);
});
