import { tryEach } from "../../../kit/lib/try-each";

test("runs one after the other and counts what answered true", async () => {
  const order: string[] = [];
  const count = await tryEach("items", [3, 1, 2], async (item) => {
    order.push(`begin ${item}`);
    await Promise.resolve();
    order.push(`end ${item}`);
    return item > 1;
  });
  expect(count).toBe(2);
  expect(order).toEqual(["begin 3", "end 3", "begin 1", "end 1", "begin 2", "end 2"]);
});

test("what fails keeps no other from its turn, and all failures are told at the end", async () => {
  const tried: number[] = [];
  const failing = tryEach("items", [1, 2, 3], (item) => {
    tried.push(item);
    return item === 2 ? Promise.resolve(true) : Promise.reject(new Error(`no ${item}`));
  });
  await expect(failing).rejects.toMatchObject({
    message: "2 of 3 items failed: no 1; no 3",
    errors: [new Error("no 1"), new Error("no 3")],
  });
  expect(tried).toEqual([1, 2, 3]);
});

test("nothing to do is no failure", async () => {
  expect(await tryEach("items", [], () => Promise.reject(new Error("never")))).toBe(0);
});
