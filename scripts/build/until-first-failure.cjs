const { TestEnvironment } = require("jest-environment-node");

/** Runs no test after one that failed: a mutant that one test notices is found. */
module.exports = class UntilFirstFailure extends TestEnvironment {
  #hasFailed = false;

  handleTestEvent(event) {
    if (event.name === "test_fn_failure" || event.name === "hook_failure") this.#hasFailed = true;
    if (event.name === "test_start" && this.#hasFailed) event.test.mode = "skip";
  }
};
