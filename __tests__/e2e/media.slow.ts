import { testHome } from "../support/command";
import { expectEachUploadOnce } from "../support/media-run";
import { MediaUpStack } from "../support/media-stack";

const home = testHome("media-slow");
let stack: MediaUpStack;
beforeAll(async () => {
  stack = await MediaUpStack.start(home);
});
afterAll(async () => {
  await stack.stop();
});

test("2,000 uploads, some twice, some by parts, some of no known type: each in one queue once, and every row there (S4.5, D.5)", async () => {
  await expectEachUploadOnce(stack, 2_000);
});
