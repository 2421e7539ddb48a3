import type { Edit, Mutant } from "./mutant.ts";

/** The keeper forgets the wait that a venue asked for. */
export const noRetryAfter: Edit = {
	within: "base/src/retry-after.ts",
	pattern: "return Math.max(0, $NOT_BEFORE - $NOW)",
	fix: "return 0 * Math.max(0, $NOT_BEFORE - $NOW)",
};

const loop = "keepalive/src/loop";
const status = "keepalive/src/status";
const clock = "base/src/clock.ts";

/** Mistakes in the keeper, for every venue. */
export const coreMutants: readonly Mutant[] = [
	{
		name: "no cut-off on a beat",
		caughtBy: 8,
		within: loop,
		pattern: "$LEFT >= $MIN ? beatTimeoutMs($$$ARGS) : $OTHER",
		fix: "1e9",
	},
	{
		name: "the deadline counts by the wall clock",
		within: clock,
		pattern: "performance.now()",
		fix: "Date.now()",
	},
	{
		name: "the deadline counts from the answer",
		within: loop,
		inside: "#onAcknowledged",
		pattern: "$SENT_AT = $STARTED_AT.monotonicMs",
		fix: "$SENT_AT = monotonicMs()",
		and: [
			{
				within: loop,
				inside: "#onAcknowledged",
				pattern: "$TRACKER.alive(lease, $STARTED_AT)",
				fix: "$TRACKER.alive(lease, { ...$STARTED_AT, monotonicMs: monotonicMs() })",
			},
		],
	},
	{
		name: "a machine that slept is not noticed",
		within: "base/src/instant.ts",
		inside: "suspendedMs",
		pattern: "return Math.max(0, $DIFFERENCE)",
		fix: "return 0 * Math.max(0, $DIFFERENCE)",
	},
	{
		name: "an old proof is shown as it was",
		caughtBy: 3,
		within: status,
		inside: "current",
		pattern: "if (!$PROOF || $REASON === undefined) return $RECORD;",
		fix: "if ($REASON !== $PROOF) return $RECORD;",
	},
	{
		name: "a late session is still shown as it was",
		within: status,
		inside: "late",
		pattern: "if (!$PROOF) return;",
		fix: "if (!$PROOF || monotonicMs() !== 0) return;",
	},
	{
		name: "a beat that failed is swallowed",
		within: loop,
		inside: "#onFailure",
		pattern: "$FAILURES += 1;",
		fix: "$FAILURES += 1;\n\t\tif ($FAILURES > 0) {\n\t\t\tconst at = this.#startedAt;\n\t\t\tthis.#sentAt = monotonicMs();\n\t\t\tthis.#context.tracker.alive(this.#lease, { ...at, monotonicMs: this.#sentAt });\n\t\t\tthis.#wakeAt = this.#sentAt + intervalMs(this.#lease);\n\t\t\treturn undefined;\n\t\t}",
	},
	{
		name: "the venue's retry-after is ignored",
		...noRetryAfter,
		hidden: "the clients wait by themselves",
	},
	{
		name: "beats without jitter",
		within: loop,
		pattern: "return $INTERVAL * (1 - $SHARE * $RANDOM);",
		fix: "return $INTERVAL * (1 - $SHARE * 0 * $RANDOM);",
	},
	{
		name: "back-off without jitter",
		within: loop,
		pattern: "return $LEAST + ($MOST - $LEAST) * $RANDOM;",
		fix: "return $MOST + 0 * $RANDOM;",
	},
	{
		name: "no back-off at all",
		within: loop,
		pattern: "return $LEAST + ($MOST - $LEAST) * $RANDOM;",
		fix: "return 0 * $RANDOM * $MOST * $LEAST;",
	},
	{
		name: "a timer is left after each deadline",
		within: clock,
		inside: "settle",
		pattern: "clearTimeout($TIMER);",
		fix: "",
	},
	{
		name: "a listener is left on the stop signal",
		within: clock,
		inside: "finish",
		pattern: 'signal.removeEventListener("abort", finish);',
		fix: "",
	},
	{
		name: "a sleep does not end with its signal",
		within: clock,
		inside: "sleep",
		pattern: 'signal.addEventListener("abort", finish, { once: true });',
		fix: "",
	},
	{
		name: "a loss without a record",
		within: status,
		inside: "lost",
		pattern: 'this.$PUBLISH({ state: "lost", $$$REST });',
		fix: 'this.#status = { state: "lost", $$$REST };',
	},
	{
		name: "a loss without a cause",
		within: status,
		inside: "lost",
		pattern: "{ ...causeOf($ERROR), ...$KIND }",
		fix: '{ ...causeOf($ERROR), ...$KIND, message: "" }',
	},
	{
		name: "a session that opened counts as a failed open",
		caughtBy: "keepalive/src/venues/bybit/flapping-line.test.ts",
		within: loop,
		pattern: "opened === ended ? $FAILED : 0",
		fix: "$FAILED",
	},
	{
		name: "a loop that ends silently after its first loss",
		within: loop,
		pattern: "const { error } = $ENDED;",
		fix: "const { error } = $ENDED;\n\t\t\tif (error) return;",
	},
	{
		name: "a listener that throws ends the loop",
		within: status,
		inside: "#call",
		pattern: "try { $$$BODY } catch { $$$HANDLER }",
		fix: "$$$BODY",
	},
	{
		name: "stopping forgets to close",
		within: loop,
		inside: "close",
		pattern: "await withTimeout($MS, $SIGNAL, $WHAT, $CLOSE)",
		fix: 'await withTimeout($MS, $SIGNAL, $WHAT, async (): Promise<Closed> => ({ orders: "unknown", detail: "" }))',
	},
	{
		name: "an ended session goes on until its lease expires",
		within: loop,
		pattern: "if (hasEnded($ERROR)) return $LOST;",
		fix: "",
		hidden: "it is late meanwhile, claims nothing, and is lost when its lease expires",
	},
	{
		name: "a session that says its protection has changed is ignored",
		caughtBy: 1,
		within: loop,
		inside: "claim",
		pattern: "this.tracker.recheck()",
		fix: "undefined",
	},
	{
		name: "snapshot shows what the last lease said",
		caughtBy: 1,
		within: status,
		inside: "current",
		pattern: "this.#record(this.#effective())",
		fix: "this.#record(this.#status)",
	},
	{
		name: "retry ignores the wait that a venue asked for",
		caughtBy: 1,
		within: loop,
		inside: "shorten",
		pattern: "Math.max($ALLOWED, $RESTARTS, venueMs)",
		fix: "Math.max($ALLOWED, $RESTARTS)",
	},
	{
		name: "the gate closes a session that cancels nothing",
		caughtBy: 1,
		within: loop,
		pattern: "$GATE.isEnabled && !$SESSION.isUnsupported",
		fix: "$GATE.isEnabled",
	},
	{
		name: "two keepers run one session",
		caughtBy: 1,
		within: "keepalive/src/session-claim.ts",
		pattern: "claimed in session",
		fix: "Boolean(0)",
	},
	{
		name: "no alert for a session that never opened",
		caughtBy: 1,
		within: loop,
		inside: "protection",
		pattern: "return protectionOf(this.current().status);",
		fix: 'const { status, tally } = this.current();\n\t\treturn tally.beats === 0 ? { state: "released" } : protectionOf(status);',
	},
];
