import { testAssertions } from "./assertions/assertions";
import { settingsAssertions } from "./assertions/settings";

testAssertions(settingsAssertions);
