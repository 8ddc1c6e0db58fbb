import { testAssertions } from "./assertions/assertions";
import { tagsAssertions } from "./assertions/tags";

testAssertions(tagsAssertions);
