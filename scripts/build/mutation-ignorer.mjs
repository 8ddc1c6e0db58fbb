/**
 * What a person reads is no rule, and no mutant is made of it: what is logged (docs/events.md says what that is) and the text of errors.
 * That something is logged or thrown at all stays subject to mutation, as does every other text: states, reasons, keys.
 *
 * @see https://stryker-mutator.io/docs/stryker-js/disable-mutants/#using-an-ignore-plugin
 */
const isLog = ({ callee }) => callee?.name === "log" || callee?.property?.name === "log";
const makesError = ({ callee }) => callee?.type === "Super" || /Error$/.test(callee?.name ?? "");
/** Helpers of ours whose one text names something in an error. */
const namesInErrors = ({ callee }) => ["present", "tryEach", "within"].includes(callee?.name);

export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "texts-for-people",
    value: {
      shouldIgnore({ key, listKey, node, parent }) {
        // that it is the class's own is held by __tests__/docs/error-names.test.ts, over all classes
        if (key === "value" && parent?.type === "ClassProperty" && parent.key.name === "name") return "the name of an error";
        if (listKey !== "arguments" || parent === null) return undefined;
        if (namesInErrors(parent) && node.type === "StringLiteral") return "the text of an error";
        if (isLog(parent)) return "what is logged";
        return makesError(parent) ? "the text of an error" : undefined;
      },
    },
  },
];
