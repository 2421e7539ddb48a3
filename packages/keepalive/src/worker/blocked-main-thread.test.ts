import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { serveVenue } from "./testing/start-worker-keeper.ts";

/** What the test's program reports about its run. Times are epoch milliseconds. */
interface Seen {
	readonly blockedAt: number;
	readonly freedAt: number;
	/** Whether the session was armed right after the main thread was free again, before anything else ran. */
	readonly isArmed: boolean;
	readonly state: string;
	readonly losses: number;
	/** Every status as a text, which is shown when a test fails. */
	readonly records: readonly string[];
}

const program = join(import.meta.dirname, "testing/blocked-program.ts");
const blockMs = 15_000;

/**
 * Runs the program against a simulated venue whose heartbeat interval is shortened, so that it sends many probes while the main
 * thread is blocked.
 */
async function run({ onTestFinished }: TestContext, where: "worker" | "thread", gateMs?: number) {
	const heartbeatSecondMs = gateMs === undefined ? 250 : 1_000;
	const { venue, env } = await serveVenue({ heartbeatSecondMs }, onTestFinished);
	const args = [program, where, String(blockMs), ...(gateMs === undefined ? [] : [String(gateMs)])];
	const child = spawn(process.execPath, args, {
		env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "inherit"],
		timeout: 60_000,
		killSignal: "SIGKILL",
	});
	let output = "";
	for await (const chunk of child.stdout) output += chunk;
	// The cast is safe: the program prints an object of this type.
	const seen = JSON.parse(output) as Seen;
	const tests = venue.received.filter(({ method }) => method === "public/test").map(({ at }) => at);
	const answered = tests.filter((at) => at > seen.blockedAt && at < seen.freedAt);
	return { seen, answered, order: venue.orders()[0] };
}

describe.concurrent(`a program whose main thread is blocked for ${blockMs / 1_000} s`, () => {
	it("a program with its keeper in a worker stays armed: the worker answers the venue's probes, and the order stays in the book", async (context) => {
		const { seen, answered, order } = await run(context, "worker");
		expect(seen, seen.records.join("\n")).toMatchObject({ isArmed: true, state: "alive", losses: 0 });
		expect(seen.freedAt - seen.blockedAt).toBeGreaterThanOrEqual(blockMs);
		// The venue sends a probe at most 3 s after the last message, and closes the connection if the probe is not answered.
		const gaps = [seen.blockedAt, ...answered, seen.freedAt].map((at, index, all) => at - (all[index - 1] ?? at));
		expect(answered.length).toBeGreaterThanOrEqual(4);
		expect(Math.max(...gaps)).toBeLessThan(4_000);
		// The order is cancelled only when the program ends.
		expect(order?.cancelledAt).toBeGreaterThan(seen.freedAt);
	});

	it("a program with its keeper in the blocked thread loses its order, because nothing answers the venue's probes", async (context) => {
		const { seen, answered, order } = await run(context, "thread");
		expect(seen.isArmed).toBe(false);
		expect(answered).toHaveLength(0);
		expect(order).toMatchObject({ state: "cancelled", cancelReason: "cancel_on_disconnect" });
	});

	it("the order of a program with its keeper in a worker and the option gate is cancelled once toleranceMs has passed without pulse()", async (context) => {
		const toleranceMs = 2_000;
		const { seen, order } = await run(context, "worker", toleranceMs);
		expect(seen).toMatchObject({ isArmed: false, state: "gated" });
		const cancelledAfterMs = (order?.cancelledAt ?? 0) - seen.blockedAt;
		// `pulse()` was last called right before the block. The venue's clock may differ a little from the program's.
		expect(cancelledAfterMs).toBeGreaterThanOrEqual(toleranceMs - 10);
		expect(cancelledAfterMs).toBeLessThan(toleranceMs + 1_000);
	});
});
