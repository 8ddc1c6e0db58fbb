/**
 * What a person reads is no rule, and no mutant is made of it: what is logged (docs/events.md says what that is) and the text of errors.
 * That something is logged or thrown at all stays subject to mutation, as does every other text: states, reasons, keys.
 *
 * @see https://stryker-mutator.io/docs/stryker-js/disable-mutants/#using-an-ignore-plugin
 */
const isLog = ({ callee }) => callee?.name === "log" || callee?.property?.name === "log";
const makesError = ({ callee }) => callee?.type === "Super" || /Error$/.test(callee?.name ?? "");

export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "texts-for-people",
    value: {
      shouldIgnore({ parent, listKey }) {
        if (listKey !== "arguments" || parent === null) return undefined;
        if (isLog(parent)) return "what is logged";
        return makesError(parent) ? "the text of an error" : undefined;
      },
    },
  },
];
