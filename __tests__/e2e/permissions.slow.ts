import { expectNoticed } from "../permissions/cases";
import { grantsOf, LocalSynthesis, titleOf } from "../support/permissions";

/** Three of the actions that `npm run check:permissions` takes out one by one: of the worker and of two Lambdas, of three services. */
const SAMPLE = [
  "wordfreq-worker: dynamodb:UpdateItem (UpdateLedger)",
  "wordfreq-process-chunk-lambda: s3:PutObject (WriteStateBatches)",
  "wordfreq-report-lambda: sqs:SendMessage (SendResults)",
];

const synthesis = new LocalSynthesis();
afterAll(() => {
  synthesis.remove();
});

test.each(SAMPLE)("S1.51: without %s a run fails with exit code 1 and names the role, the action and the resource", async (title) => {
  const [grant, ...others] = grantsOf(synthesis.stack).filter((each) => titleOf(each) === title);
  expect(others).toEqual([]);
  if (grant === undefined) throw new Error(`the stack doesn't grant ${title}`);
  await expectNoticed(synthesis, grant);
});
