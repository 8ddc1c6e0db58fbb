import { present } from "../../../kit/lib/present";

test("what is there is given back, whatever it is", () => {
  expect([present(0, "n"), present("", "s"), present(false, "b"), present(null, "null")]).toEqual([0, "", false, null]);
});

test("what is missing is an error that names it", () => {
  const missing = (): unknown => present<string>(undefined, "the split");
  expect(missing).toThrow("the split is missing");
});
