import { everyEnvironment } from "../../../support/synth";
import { ALL_ASSERTIONS } from "./assertions/all";

describe.each(everyEnvironment())("the stack of $name", (environment) => {
  for (const { of, subject } of ALL_ASSERTIONS)
    describe(subject, () => {
      for (const { check, title } of of(environment)) test(title, check);
    });
});
