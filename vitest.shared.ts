import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** One configuration for every package: what a test may assume is the same everywhere. */
export const shared = defineConfig({
	test: {
		include: ["src/**/*.test.ts"],
		// An unhandled rejection or error fails the run, as it would end a bot.
		dangerouslyIgnoreUnhandledErrors: false,
		// A deadline for hanging tests, not a measure: a busy machine may take several times as long as an idle one.
		testTimeout: 120_000,
		// One more than the cores of a small machine: several files wait in real time. By default it would be one worker there.
		maxWorkers: 3,
		hookTimeout: 120_000,
		restoreMocks: true,
		// The programs that tests start keep what Node.js compiles, so that each start after the first takes about half the processor time.
		env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node-compile-cache", import.meta.url)) },
		// The report is what CI counts; it is an output of the cached task, so that a cached run counts too.
		reporters: ["default", ["json", { outputFile: "reports/vitest.json" }]],
	},
});
