import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** Test files mostly wait for their agents, so more files than processors can run at once, but not so many that beats are late. */
export default mergeConfig(shared, { test: { maxWorkers: 4 } });
