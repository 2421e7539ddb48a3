import type { Measure } from "../harness/measure-and-table-row.ts";
import { halfOpen } from "./half-open-detection.ts";
import { hang } from "./hanging-gateway.ts";
import { loading } from "./import-cost.ts";
import { footprint } from "./install-size.ts";
import { lineDrops } from "./line-drops.ts";
import { malformed } from "./malformed-frames.ts";
import { outage } from "./outage-recovery.ts";
import { orderCheck } from "./pre-order-check-cost.ts";
import { refusals } from "./refused-connections.ts";
import { timers } from "./scheduling-cost.ts";
import { sessions } from "./session-memory-and-cpu.ts";
import { silentLine } from "./silent-line.ts";
import { probe } from "./test-request-latency.ts";
import { testSuite } from "./test-suite-duration.ts";
import { tickle } from "./tickle.ts";
import { arm } from "./time-to-arm.ts";
import { worker } from "./worker-or-main-thread.ts";

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
