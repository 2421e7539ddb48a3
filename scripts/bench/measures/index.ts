import type { Measure } from "../harness/verdict.ts";
import { arm } from "./arm.ts";
import { probe } from "./probe.ts";

/** In the order of the page. */
export const measures: readonly Measure[] = [probe, arm];
