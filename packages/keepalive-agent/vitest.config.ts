import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** Test files mostly wait for their agents, so more files than processors can run at once. With many more, beats would be late. */
export default mergeConfig(shared, { test: { maxWorkers: 4 } });
