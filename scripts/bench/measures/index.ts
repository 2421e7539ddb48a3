import type { Measure } from "../harness/verdict.ts";
import { arm } from "./arm.ts";
import { halfOpen } from "./half-open.ts";
import { outage } from "./outage.ts";
import { probe } from "./probe.ts";
import { refusals } from "./refusals.ts";
import { sessions } from "./sessions.ts";
import { timers } from "./timers.ts";

/** In the order of the page. */
export const measures: readonly Measure[] = [probe, arm, sessions, halfOpen, outage, refusals, timers];
