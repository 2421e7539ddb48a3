import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** Most files wait for agents that they have started, and use little of a processor: more of them run side by side. */
export default mergeConfig(shared, { test: { maxWorkers: 7 } });
