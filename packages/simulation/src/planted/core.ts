import type { Edit, Planted } from "./planted.ts";

/** The keeper's own memory of a silence the venue asked for. */
export const noSilence: Edit = {
	file: "keepalive/src/loop/retry-after.ts",
	from: "return this.#until === undefined ? 0 : Math.max(0, this.#until - monotonicMs());",
	to: "return 0;",
};

const at = (file: string) => `keepalive/src/${file}`;

/** Mistakes in the loops, whatever the venue. */
export const coreFaults: readonly Planted[] = [
	{
		name: "no cut-off on a beat",
		caughtBy: 12,
		file: at("loop/lease-loop.ts"),
		from: "const cutOff = leftMs >= leastBeatMs ? cutOffMs(this.#lease, leftMs) : intervalMs(this.#lease);",
		to: "const cutOff = 1e9;",
	},
	{
		name: "the deadline counts by the wall clock",
		file: at("time.ts"),
		from: "return performance.now();",
		to: "return Date.now();",
	},
	{
		name: "the deadline counts from the answer",
		file: at("loop/lease-loop.ts"),
		from: "this.#since = this.#watch.startedAt;",
		to: "this.#since = monotonicMs();",
	},
	{
		name: "a machine that slept is not noticed",
		file: at("loop/stall-detector.ts"),
		from: "return Math.max(0, this.#now() - this.#startedWall - this.elapsedMs);",
		to: "return 0;",
	},
	{
		name: "an old proof is shown as it was",
		caughtBy: 3,
		file: at("status/status-tracker.ts"),
		from: "if (!this.#held || stall === undefined) return this.#record(this.#status);",
		to: "if (this.#status || !this.#held) return this.#record(this.#status);",
	},
	{
		name: "a late session is still shown as it was",
		file: at("status/status-tracker.ts"),
		from: "if (!this.#held) return;\n\t\tconst status: Status = { ...overdue(this.#held, monotonicMs(), this.#settings.now()), cause: causeOf(error) };",
		to: "if (!this.#held || error) return;\n\t\tconst status: Status = { ...overdue(this.#held, monotonicMs(), this.#settings.now()), cause: causeOf(error) };",
	},
	{
		name: "a beat that failed is swallowed",
		file: at("loop/lease-loop.ts"),
		from: "this.#failures += 1;\n",
		to: "this.#failures += 1;\n\t\tif (this.#failures > 0) {\n\t\t\tthis.#since = monotonicMs();\n\t\t\tthis.#keeping.board.alive(this.#lease, { monotonic: this.#since, wall: this.#keeping.options.now() });\n\t\t\tthis.#wakeAt = this.#since + intervalMs(this.#lease);\n\t\t\treturn undefined;\n\t\t}\n",
	},
	{
		name: "the venue's wish for silence is ignored",
		...noSilence,
		hidden: "the clients keep the silence by themselves",
	},
	{
		name: "beats without jitter",
		file: at("loop/beat-schedule.ts"),
		from: "return intervalMs(lease) * (1 - jitterShare * random);",
		to: "return intervalMs(lease) * (1 - jitterShare * 0 * random);",
	},
	{
		name: "back-off without jitter",
		file: at("loop/backoff.ts"),
		from: "return least + (longest - least) * random;",
		to: "return longest + 0 * random;",
	},
	{
		name: "no back-off at all",
		file: at("loop/backoff.ts"),
		from: "return least + (longest - least) * random;",
		to: "return 0 * random * longest * least;",
	},
	{
		name: "a timer is left after each deadline",
		file: at("time.ts"),
		from: "const over = (): void => {\n\t\t\tclearTimeout(timer);",
		to: "const over = (): void => {",
	},
	{
		name: "a listener is left on the stop signal",
		file: at("time.ts"),
		from: 'clearTimeout(timer);\n\t\t\tsignal.removeEventListener("abort", finish);',
		to: "clearTimeout(timer);",
	},
	{
		name: "a sleep does not end with its signal",
		file: at("time.ts"),
		from: '\t\tsignal.addEventListener("abort", finish, { once: true });',
		to: "",
	},
	{
		name: "a loss without a record",
		file: at("status/status-tracker.ts"),
		from: 'this.#set({ state: "lost", protection, cause: causeOf(error) });',
		to: 'this.#status = { state: "lost", protection, cause: causeOf(error) };',
	},
	{
		name: "a loss without a cause",
		file: at("status/status-tracker.ts"),
		from: 'this.#set({ state: "lost", protection, cause: causeOf(error) });',
		to: 'this.#set({ state: "lost", protection, cause: { ...causeOf(error), message: "" } });',
	},
	{
		name: "a loop that ends without a word after its first loss",
		file: at("loop/session-loop.ts"),
		from: "const { error } = ended;",
		to: "const { error } = ended;\n\t\t\tif (error) return;",
	},
	{
		name: "a listener that throws ends the loop",
		file: at("status/status-emitter.ts"),
		from: "} catch {\n\t\t\tfault();",
		to: "} catch (error) {\n\t\t\tthrow error;",
	},
	{
		name: "stopping forgets to close",
		from: "const left = await within(until - monotonicMs(), never, what, (cut) => this.#session.close(orders, cut));",
		to: 'const left: Closed = await within(until - monotonicMs(), never, what, async () => ({ orders: "unknown", detail: "" }));',
		file: at("loop/bounded-session.ts"),
	},
	{
		name: "an ended session goes on until its lease runs out",
		file: at("loop/lease-loop.ts"),
		from: "if (isOver(error)) return this.#lost(error);",
		to: "",
		hidden: "it is late meanwhile, claims nothing, and is lost when its lease runs out",
	},
];
