import { defineConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** How much of the core its own tests reach. */
export default defineConfig({
	test: {
		...shared.test,
		include: ["src/*.test.ts", "src/loop/**/*.test.ts", "src/status/**/*.test.ts"],

		reporters: ["default"],
		coverage: {
			enabled: true,
			provider: "v8",
			include: ["src/*.ts", "src/loop/**/*.ts", "src/status/**/*.ts"],
			// The tests, and what is types alone.
			exclude: ["src/**/*.test.ts", "src/index.ts", "src/session.ts"],
			reporter: ["text"],
			thresholds: { branches: 95, perFile: true },
		},
	},
});
