import { mergeConfig } from "vitest/config";
import { shared } from "./vitest.shared.ts";

/** The tests of the repository as a whole: its programs, its READMEs, its packages as users install them. */
export default mergeConfig(shared, {
	test: { include: ["scripts/**/*.test.ts"] },
});
