import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { serveVenue } from "./testing/stage.ts";

/** What the program saw. Instants are epoch milliseconds. */
interface Seen {
	readonly blockedAt: number;
	readonly freedAt: number;
	/** Right after the block, before anything else ran. */
	readonly isArmed: boolean;
	readonly state: string;
	readonly losses: number;
	/** Every status, for when a test fails. */
	readonly records: readonly string[];
}

const program = join(import.meta.dirname, "testing/blocked-program.ts");
const blockMs = 15_000;

/** Runs the program against a venue whose seconds are shortened, so that many probes come while its main thread is blocked. */
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
	// The program prints it.
	const seen = JSON.parse(output) as Seen;
	const tests = venue.received.filter(({ method }) => method === "public/test").map(({ at }) => at);
	const answered = tests.filter((at) => at > seen.blockedAt && at < seen.freedAt);
	return { seen, answered, order: venue.orders()[0] };
}

describe.concurrent(`a program whose main thread is blocked for ${blockMs / 1_000} s`, () => {
	it("stays armed with its keeper in a worker: every probe of the venue is answered, and the order works", async (context) => {
		const { seen, answered, order } = await run(context, "worker");
		expect(seen, seen.records.join("\n")).toMatchObject({ isArmed: true, state: "alive", losses: 0 });
		expect(seen.freedAt - seen.blockedAt).toBeGreaterThanOrEqual(blockMs);
		// A probe comes 3 s after the last message at the latest; without an answer the venue closes the connection.
		const gaps = [seen.blockedAt, ...answered, seen.freedAt].map((at, index, all) => at - (all[index - 1] ?? at));
		expect(answered.length).toBeGreaterThanOrEqual(4);
		expect(Math.max(...gaps)).toBeLessThan(4_000);
		// It is cancelled when the program ends.
		expect(order?.cancelledAt).toBeGreaterThan(seen.freedAt);
	});

	it("loses its order with its keeper in that thread", async (context) => {
		const { seen, answered, order } = await run(context, "thread");
		expect(seen.isArmed).toBe(false);
		expect(answered).toHaveLength(0);
		expect(order).toMatchObject({ state: "cancelled", cancelReason: "cancel_on_disconnect" });
	});

	it("has its order cancelled after the tolerance of its gate with its keeper in a worker", async (context) => {
		const toleranceMs = 2_000;
		const { seen, order } = await run(context, "worker", toleranceMs);
		expect(seen).toMatchObject({ isArmed: false, state: "gated" });
		const cancelledAfterMs = (order?.cancelledAt ?? 0) - seen.blockedAt;
		// The last pulse came right before the block; the venue has a clock of its own.
		expect(cancelledAfterMs).toBeGreaterThanOrEqual(toleranceMs - 10);
		expect(cancelledAfterMs).toBeLessThan(toleranceMs + 1_000);
	});
});
