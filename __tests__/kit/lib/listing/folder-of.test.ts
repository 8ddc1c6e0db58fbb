import { countChildren, folderAbove, sharedFolder } from "../../../../kit/lib/listing/folder-of";

test.each([
  ["in/", "in/a", "in/b", "in/"],
  ["in/", "in/a/1", "in/a/2", "in/a/"],
  ["in/", "in/a/b/1", "in/a/c/1", "in/a/"],
  ["in/", "in/ab/1", "in/ac/1", "in/"],
  ["in/", "in/a/1", "in/a", "in/"],
  ["", "a/1", "a/2", "a/"],
  ["in", "in/a/1", "in/a/2", "in/a/"],
])("below %j, %j and %j lie together in %j", (prefix, a, b, folder) => {
  expect(sharedFolder(prefix, a, b)).toBe(folder);
  expect(sharedFolder(prefix, b, a)).toBe(folder);
});

test.each([
  ["in/", "in/a/b/", "in/a/"],
  ["in/", "in/a/", "in/"],
  ["in/", "in/", "in/"],
  ["", "a/", ""],
  ["i", "in/a/", "in/"],
  ["i", "in/", "i"],
])("below %j, above %j is %j", (prefix, folder, above) => {
  expect(folderAbove(prefix, folder)).toBe(above);
});

test("folders right below are counted once each, keys by themselves", () => {
  expect(countChildren("in/", ["in/a/1", "in/a/b/2", "in/b", "in/c", "in/d/1", "in/d/2"])).toBe(4);
  expect(countChildren("in/a/", ["in/a/b/1", "in/a/b/2"])).toBe(1);
  expect(countChildren("in/", [])).toBe(0);
});
