import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** Most files wait for agents that they have started: more of them than processors run side by side, but not so many that beats are late. */
export default mergeConfig(shared, { test: { maxWorkers: 4 } });
