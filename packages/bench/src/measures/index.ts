import type { Measure } from "../harness/verdict.ts";
import { footprint } from "./footprint.ts";
import { halfOpen } from "./half-open.ts";
import { hang } from "./hanging-gateway.ts";
import { lineDrops } from "./line-drops.ts";
import { loading } from "./loading.ts";
import { malformed } from "./malformed.ts";
import { orderCheck } from "./order-check.ts";
import { outage } from "./outage.ts";
import { probe } from "./probe-latency.ts";
import { refusals } from "./refusals.ts";
import { sessions } from "./sessions.ts";
import { silentLine } from "./silent-line.ts";
import { testSuite } from "./test-suite.ts";
import { tickle } from "./tickle.ts";
import { arm } from "./time-to-arm.ts";
import { timers } from "./timers.ts";
import { worker } from "./worker.ts";

/** All measures, in the order of docs/performance.md. */
export const measures: readonly Measure[] = [
	footprint,
	loading,
	probe,
	arm,
	sessions,
	tickle,
	outage,
	malformed,
	timers,
	orderCheck,
	worker,
	// The following five measures mostly wait, so they can run at the same time.
	lineDrops,
	refusals,
	halfOpen,
	silentLine,
	hang,
	testSuite,
];
