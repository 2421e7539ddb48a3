import { defineConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** How much of the core its own tests reach. The simulation's runs are left out: what they pass by they hardly assert. */
export default defineConfig({
	test: {
		...shared.test,
		include: ["src/*.test.ts"],
		exclude: ["src/simulation*.test.ts"],
		reporters: ["default"],
		coverage: {
			enabled: true,
			provider: "v8",
			include: ["src/*.ts"],
			// The tests, and what is types alone.
			exclude: ["src/*.test.ts", "src/index.ts", "src/session.ts"],
			reporter: ["text"],
			thresholds: { branches: 95, perFile: true },
		},
	},
});
