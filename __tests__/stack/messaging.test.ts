import { testAssertions } from "./assertions/assertions";
import { messagingAssertions } from "./assertions/messaging";

testAssertions(messagingAssertions);
