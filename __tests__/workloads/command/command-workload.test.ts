import { commandWorkload } from "../../../workloads/command/command-workload";
import { TryAgainLaterError, WorkloadUnusableError } from "../../../workloads/workload";
import { WorkloadBench, processesWith } from "../../support/workload-run";

const bench = new WorkloadBench(commandWorkload);
afterAll(() => bench.close());

/** A program of Python's; quotes in it are double ones. */
const python = (code: string, ...words: string[]): string => `python3 -c '${code}' ${words.join(" ")}`;
const fails = (detail: RegExp): object => ({
  status: "quarantined",
  reason: "workload-error",
  detail: expect.stringMatching(detail) as string,
});

describe("what a program gets and gives", () => {
  test("a file by its name, as it is stored", async () => {
    const exec = python("import sys; print(sys.argv[1].split(chr(47))[-1], open(sys.argv[1]).read())", "{in}");
    expect(await bench.run({ exec }, "content", { key: "a/b c'$(x).tar.gz" })).toEqual({
      status: "processed",
      result: "b c'$(x).tar.gz content",
    });
  });

  test("without {in}, the content on standard input, whole", async () => {
    const content = Buffer.alloc(300_000, "abc");
    expect(await bench.run({ exec: "sha256sum" }, content)).toEqual({
      status: "processed",
      result: `${(await import("node:crypto")).createHash("sha256").update(content).digest("hex")}  -`,
    });
  });

  test("its output as JSON if it parses, else as text", async () => {
    for (const [printed, result] of [
      ['{"words": 3}', { words: 3 }],
      ["null", null],
      ["3 words\n\n", "3 words"],
      ["", ""],
      ["1e999", "1e999"],
      ["[".repeat(40) + "]".repeat(40), "[".repeat(40) + "]".repeat(40)],
    ] as const)
      expect(await bench.run({ exec: "cat" }, printed)).toEqual({ status: "processed", result });
  });

  test("its output also when it is over at once, many at a time", async () => {
    const session = await bench.open({ exec: "echo 1" });
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => bench.run({}, "x", { session })));
    expect(outcomes).toEqual(outcomes.map(() => ({ status: "processed", result: 1 })));
  });

  test("files below {out} as outputs, by name", async () => {
    const exec = python(
      `import os, sys; o = sys.argv[1]; os.makedirs(o + "/b/c"); open(o + "/b/c/x.bin", "w").write("1"); open(o + "/a é", "w").write("2")`,
      "{out}",
    );
    expect(await bench.run({ exec })).toEqual({ status: "processed", result: "", outputs: { "a é": "2", "b/c/x.bin": "1" } });
  });

  test("an environment of its own, with nothing of the worker's, and a clean folder", async () => {
    process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
    const code = `import os, json; print(json.dumps([sorted(os.environ), os.listdir("."), os.environ["HOME"] == os.getcwd() == os.environ["TMPDIR"], os.environ["FILEMILL_FILE"]])); open("left", "w")`;
    for (let time = 0; time < 2; time += 1)
      expect(await bench.run({ exec: python(code) }, "", { key: "k" })).toEqual({
        status: "processed",
        result: [
          ["AWS_EC2_METADATA_DISABLED", "FILEMILL_FILE", "FILEMILL_RUN", "HOME", "LANG", "PATH", "TMPDIR"],
          [],
          true,
          `${bench.mark}/k`,
        ],
      });
    delete process.env["AWS_SECRET_ACCESS_KEY"];
  });

  test("a shell only when asked for, in which no file's name means anything", async () => {
    const key = "it's; echo $(id) `id` >x.txt";
    expect(await bench.run({ exec: "echo 1; echo '$HOME'" })).toMatchObject({ result: "1; echo $HOME" });
    expect(await bench.run({ exec: "cat {in} | tr a b; basename {in}", shell: true }, "aa\n", { key })).toMatchObject({
      result: "bb\nit_s__echo___id___id___x.txt",
    });
  });

  test("progress for as long as it may run", async () => {
    const before = bench.progress;
    await bench.run({ exec: python("import time; time.sleep(0.5)") }, "12345");
    expect(bench.progress - before).toBeGreaterThanOrEqual(5 + 8 * 2 ** 20);
  });
});

describe("exit codes", () => {
  const exit = (code: number): string => python(`import sys; print("why \\x1b it\\nfailed", file=sys.stderr); sys.exit(${code})`);
  const own = [64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 76, 77, 100];

  test.each(own)("%d is the file's own fault, told by the end of standard error", async (code) => {
    expect(await bench.run({ exec: `sh -c 'echo "bad \u202e thing" >&2; exit ${code}'` })).toEqual(
      fails(new RegExp(`^exit code ${code}: bad .*202e.* thing$`)),
    );
  });

  test("75 is for later, 78, 126 and 127 are about every file", async () => {
    await expect(bench.run({ exec: exit(75) })).rejects.toThrow(TryAgainLaterError);
    await expect(bench.run({ exec: exit(75) })).rejects.toThrow(/why .*1b.* it \| failed/);
    for (const code of [78, 126, 127]) await expect(bench.run({ exec: exit(code) })).rejects.toThrow(WorkloadUnusableError);
  });

  test("what is not there, or no program, is about every file", async () => {
    for (const exec of ["no-such-program {in}", "/etc/hostname", "./nothing", "/"])
      await expect(bench.run({ exec })).rejects.toThrow(WorkloadUnusableError);
  });

  test("others are tried once more, with the same content and a clean folder", async () => {
    const note = `${bench.folder()}/note`;
    const once = (end: string): string =>
      `sh -c 'cat >>${note}; ls -A . {out} >>${note}; touch x {out}/y; test $(grep -c content ${note}) = 2 || ${end}'`;
    for (const end of ["exit 1", "kill -9 $$", "exit 255"]) {
      expect(await bench.run({ exec: once(end) }, "content\n")).toEqual({ status: "processed", result: "", outputs: { y: "" } });
      await bench.run({ exec: `rm ${note}` });
    }
  });

  test("and a second time quarantine, with code or signal", async () => {
    expect(await bench.run({ exec: exit(1) })).toEqual(fails(/^exit code 1: why/));
    expect(await bench.run({ exec: `sh -c 'kill -SEGV $$'` })).toEqual(fails(/^killed by SIGSEGV$/));
    expect(await bench.run({ exec: `sh -c 'sh -c "kill -KILL \\$\\$"; exit $?'` })).toEqual(fails(/^exit code 137 \(128 and SIGKILL\)/));
  });
});

describe("limits", () => {
  test("reads nothing: its input is left, and that is no fault", async () => {
    expect(await bench.run({ exec: "true" }, Buffer.alloc(1_000_000))).toEqual({ status: "processed", result: "" });
    expect(await bench.run({ exec: python("import os; os.close(0); print(1)") }, Buffer.alloc(1_000_000))).toMatchObject({ result: 1 });
  });

  test("prints more than a result may have: killed at once, however much it would print", async () => {
    expect(await bench.run({ exec: "yes" })).toEqual(fails(/printed more than 65536 bytes and was killed/));
    // printed all of it before anybody looked
    expect(await bench.run({ exec: "cat" }, "x".repeat(65_537))).toEqual(fails(/printed more than 65536 bytes/));
    expect(await bench.run({ exec: "cat" }, "x".repeat(65_535))).toEqual(fails(/65537 bytes of JSON; 65536 are the most/));
    expect(await bench.run({ exec: "cat" }, "x".repeat(65_534))).toMatchObject({ status: "processed" });
  });

  test("complains without end: told is the end", async () => {
    const exec = python(`import sys; [sys.stderr.write("noise " * 1000) for _ in range(2000)]; sys.exit("the reason")`);
    const outcome = await bench.run({ exec });
    expect(outcome).toEqual(fails(/noise the reason$/));
    expect("detail" in outcome && outcome.detail.length).toBeLessThan(1_100);
  });

  test("runs too long: ended, also when it ignores SIGTERM", async () => {
    expect(await bench.run({ exec: "sleep 1000", timeLimitSeconds: 0.1 })).toEqual(fails(/longer than its time limit/));
    const exec = python(
      `import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: print("ignored", file=sys.stderr, flush=True)); [time.sleep(0.1) for _ in range(10000)]`,
    );
    expect(await bench.run({ exec, timeLimitSeconds: 0.3 })).toEqual(fails(/longer than its time limit and was ended: ignored$/));
  });

  test("takes too much memory, alone or with its children: killed", async () => {
    const take = `import time; x = bytearray(120 << 20); time.sleep(100)`;
    for (const exec of [python(take), `sh -c "${python(take.replace("120", "60"))} & ${python(take.replace("120", "60"))}"`])
      expect(await bench.run({ exec, memoryLimitMebibytes: 100 })).toEqual(fails(/more memory than its limit/));
  });

  test("fills the disk: killed, and also when it was over before anybody looked", async () => {
    const fill = (seconds: number): string => python(`import time; open("x", "wb").write(bytes(8 << 20)); time.sleep(${seconds})`);
    for (const seconds of [100, 0])
      expect(await bench.run({ exec: fill(seconds), diskLimitMebibytes: 4 })).toEqual(fails(/wrote more to the disk than its limit/));
    expect(await bench.run({ exec: fill(0), diskLimitMebibytes: 20 })).toMatchObject({ status: "processed" });
  });

  test("leaves children behind: none lives on, whatever they did to get away", async () => {
    const second = `${1_000_000 + Math.floor(Math.random() * 1_000_000)}`;
    const exec = `sh -c 'sleep ${second} & setsid sleep ${second} & (setsid setsid sleep ${second} &) ; (env -i /usr/bin/setsid /bin/sleep ${second} &); nohup sleep ${second} >/dev/null & exec sleep 1000'`;
    expect(await bench.run({ exec, timeLimitSeconds: 0.7 })).toEqual(fails(/time limit/));
    expect(await processesWith(second)).toEqual([]);
    expect(await bench.run({ exec: exec.replace("exec sleep 1000", "echo done") })).toMatchObject({ result: "done" });
    expect(await processesWith(second)).toEqual([]);
  });

  test("a chain of children, each gone before the next one is, ends as well", async () => {
    const second = `${1_000_000 + Math.floor(Math.random() * 1_000_000)}`;
    const exec = `python3 -c 'import os
if os.fork():
  print("done", flush=True); os._exit(0)
for each in range(60):
  os.setsid()
  if os.fork(): os._exit(0)
os.execvp("sleep", ["sleep", "${second}"])'`;
    expect(await bench.run({ exec })).toMatchObject({ result: "done" });
    expect(await processesWith(second)).toEqual([]);
  });

  test("aborted: nothing runs any more when it rejects, with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("the lease is lost");
    const running = bench.run({ exec: `sh -c 'trap "" TERM; setsid sleep 1000 & sleep 1000'` }, "", {
      signal: controller.signal,
      onProgress: () => {
        controller.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(await processesWith(bench.mark)).toEqual([]);
  });
});

describe("what can't be an output is the file's fault, with its name", () => {
  test.each([
    ["ln -s /etc/passwd {out}/link", /output 'link': it is neither a file nor a folder/],
    ["mkfifo {out}/pipe", /output 'pipe': it is neither/],
    ["mkdir -p {out}/a && mkfifo {out}/a/pipe", /output 'a\/pipe': it is neither/],
    [`touch {out}/"$(printf 'a\\nb')"`, /output 'a\\u\{a\}b': its name has control characters/],
    [`touch {out}/"$(printf 'a\\377b')"`, /its name is no UTF-8/],
    [
      `touch {out}/${"x".repeat(100)} && mkdir -p {out}/${"y".repeat(200)} && touch {out}/${"y".repeat(200)}/${"z".repeat(100)}`,
      /more than 255 bytes/,
    ],
    ["i=0; while [ $i -le 1000 ]; do : >{out}/$i; i=$((i+1)); done", /more than 1000 outputs/],
  ])("%s", async (exec, detail) => {
    expect(await bench.run({ exec, shell: true })).toEqual(fails(detail));
  });

  test("what it closed to its own user is an output, too, and goes", async () => {
    const exec = "mkdir d {out}/d; touch d/x {out}/d/x; chmod 0 d/x d {out}/d/x {out}/d";
    expect(await bench.run({ exec, shell: true })).toMatchObject({ outputs: { "d/x": "" } });
  });
});

describe("options", () => {
  test.each([
    ["an open quote", { exec: "cat 'x" }, /can't be split into words.*quot/],
    ["no program", { exec: "  " }, /names no program/],
    ["no such option", { exec: "cat", timelimit: 3 }, /timelimit/],
    ["no time", { exec: "cat", timeLimitSeconds: 0 }, /timeLimitSeconds/],
  ])("%s is refused", (_what, options, problem) => {
    expect(() => commandWorkload.options.parse(options)).toThrow(problem);
  });

  test("defaults", () => {
    expect(commandWorkload.options.parse({ exec: "wc -w {in}" })).toEqual({
      exec: "wc -w {in}",
      shell: false,
      archive: false,
      timeLimitSeconds: 300,
      memoryLimitMebibytes: 1_024,
      diskLimitMebibytes: 1_024,
    });
  });
});

test("the whole counts files, and nothing else may be merged", async () => {
  const merge = commandWorkload.merge(commandWorkload.options.parse({ exec: "true" }), bench.mergeContext());
  merge.addResult({ any: 1 });
  merge.addResult("text");
  expect(await merge.total()).toEqual({ files: 2 });
  await expect(merge.join([])).rejects.toThrow(/can't be merged/);
});
