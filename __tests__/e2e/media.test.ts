import { testHome } from "../support/command";
import { expectEachUploadOnce } from "../support/media-run";
import { MediaUpStack } from "../support/media-stack";

const home = testHome("media");
let stack: MediaUpStack;
beforeAll(async () => {
  stack = await MediaUpStack.start(home);
});
afterAll(async () => {
  await stack.stop();
});

test("every upload of a type is in its queue once and has its row, however often its event comes (S4.1, S4.2, S4.4, S4.5, S4.8, S4.10, S4.26, S4.28, D.5)", async () => {
  await expectEachUploadOnce(stack, 60);
});
