import { defineConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** Measures how much of the core (the files in src, src/loop and src/status) the core's own tests cover. */
export default defineConfig({
	test: {
		...shared.test,
		include: ["src/*.test.ts", "src/loop/**/*.test.ts", "src/status/**/*.test.ts"],

		reporters: ["default"],
		coverage: {
			enabled: true,
			provider: "v8",
			include: ["src/*.ts", "src/loop/**/*.ts", "src/status/**/*.ts"],
			// Leaves out the tests, and modules without code of their own (only types or re-exports).
			exclude: ["src/**/*.test.ts", "src/index.ts", "src/session.ts"],
			reporter: ["text"],
			thresholds: { branches: 95, perFile: true },
		},
	},
});
