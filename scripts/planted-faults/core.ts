import type { Planted } from "./planted.ts";

const at = (file: string) => `keepalive/src/${file}`;

/** Mistakes in the loops, whatever the venue. */
export const coreFaults: readonly Planted[] = [
	{
		name: "no cut-off on a beat",
		file: at("lease-keeper.ts"),
		from: "const cutOff = left >= leastBeatMs ? cutOffMs(lease, left) : intervalMs(lease);",
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
		file: at("lease-keeper.ts"),
		from: "since = watch.startedAt;",
		to: "since = monotonicMs();",
	},
	{
		name: "a machine that slept is not noticed",
		file: at("stall-watch.ts"),
		from: "return Math.max(0, this.#now() - this.#startedWall - this.elapsedMs);",
		to: "return 0;",
	},
	{
		name: "an old proof is shown as it was",
		file: at("status-board.ts"),
		from: "return this.#record(this.#outlived() ?? this.#status);",
		to: "return this.#record(this.#status);",
	},
	{
		name: "a late session is still shown as armed",
		file: at("status-board.ts"),
		from: "protection: inDoubt(lease.protection),\n\t\t\tlostAt: Math.round(lease.sentAt + lease.ttlMs),\n\t\t\tcause: causeOf(error),\n\t\t};\n",
		to: "protection: lease.protection,\n\t\t\tlostAt: Math.round(lease.sentAt + lease.ttlMs),\n\t\t\tcause: causeOf(error),\n\t\t};\n\t\tif (error) return;\n",
	},
	{
		name: "the venue's wish for silence is ignored",
		file: at("lease-keeper.ts"),
		from: "const silent = notBefore > monotonicMs();",
		to: "const silent = false;",
		hidden: "the clients keep the silence by themselves",
	},
	{
		name: "beats without jitter",
		file: at("pace.ts"),
		from: "return intervalMs(lease) * (1 - jitterShare * random);",
		to: "return intervalMs(lease) * (1 - jitterShare * 0 * random);",
	},
	{
		name: "back-off without jitter",
		file: at("backoff.ts"),
		from: "return longest / 2 + (longest / 2) * random;",
		to: "return longest + 0 * random;",
	},
	{
		name: "no back-off at all",
		file: at("backoff.ts"),
		from: "return longest / 2 + (longest / 2) * random;",
		to: "return 0 * random * longest;",
	},
	{
		name: "a timer is left after each deadline",
		file: at("time.ts"),
		from: "} finally {\n\t\tclearTimeout(timer);",
		to: "} finally {",
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
		from: 'signal.addEventListener("abort", finish, { once: true });',
		to: "",
	},
	{
		name: "a loss without a record",
		file: at("status-board.ts"),
		from: 'this.#set({ state: "lost", protection, cause: causeOf(error) });',
		to: 'this.#status = { state: "lost", protection, cause: causeOf(error) };',
	},
	{
		name: "a loss without a cause",
		file: at("status-board.ts"),
		from: 'this.#set({ state: "lost", protection, cause: causeOf(error) });',
		to: 'this.#set({ state: "lost", protection, cause: { ...causeOf(error), message: "" } });',
	},
	{
		name: "a loop that ends without a word after its first loss",
		file: at("session-loop.ts"),
		from: "this.#board.lost(ended.error);",
		to: "this.#board.lost(ended.error);\n\t\t\tif (ended.end) return;",
	},
	{
		name: "a listener that throws ends the loop",
		file: at("status-feed.ts"),
		from: "} catch {\n\t\t\tfault();",
		to: "} catch (error) {\n\t\t\tthrow error;",
	},
	{
		name: "stopping forgets to close",
		file: at("session-loop.ts"),
		from: "return await within(this.#options.closeTimeoutMs, never, what, () => this.session.close(orders));",
		to: 'return await within(this.#options.closeTimeoutMs, never, what, async () => ({ orders: "unknown", detail: "" }));',
	},
	{
		name: "an ended session goes on until its lease runs out",
		file: at("lease-keeper.ts"),
		from: 'if (isOver(error)) return { end: "lost", error };',
		to: "",
	},
];
