import { describe, expect, it } from "vitest";
import { keepalive } from "../keeper.ts";
import { SessionError } from "../session-error.ts";
import { advance, callsOf, lease, scripted, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

const unsupported = async () => ({
	...lease,
	protection: { state: "unsupported", reason: "cancels nothing" } as const,
});

/**
 * A keeper with two sessions: the venue of one cancels no orders, the venue of the other does. The program counts as healthy
 * until the test says otherwise.
 */
function gatedKeeper(script: Parameters<typeof scripted>[0] = {}) {
	let isHealthy = true;
	const session = scripted({ open: unsupported, beat: unsupported, ...script }, "broker");
	const armed = scripted({}, "exchange");
	const gate = { toleranceMs: 1_000, isHealthy: () => isHealthy };
	const keeper = keepalive([session, armed], { gate, random: () => 0 });
	const setHealthy = (value: boolean): void => {
		isHealthy = value;
	};
	return { keeper, session, armed, setHealthy };
}

describe("a session whose protection is unsupported, while the program is unhealthy", () => {
	it("while the program is unhealthy, a session without protection stays open and its status says why, and a session with protection is closed", async () => {
		const { keeper, session, armed, setHealthy } = gatedKeeper();
		await advance(0);
		const published: unknown[] = [];
		keeper.onStatus(({ status }) => published.push(status), "broker");
		setHealthy(false);
		await advance(60_000);
		const ungated =
			"@x/keepalive: gate.isHealthy() returned false; the session stays open, as closing it would cancel no orders";
		expect(keeper.snapshot().broker.status).toMatchObject({ state: "alive", ungated });
		expect(keeper.snapshot().exchange.status.state).toBe("gated");
		expect(callsOf(session)).toEqual(["open", "beat", "beat", "beat"]);
		expect(callsOf(armed)).toEqual(["open", "close cancel"]);
		setHealthy(true);
		await advance(1_000);
		expect(published.map((status) => typeof status === "object" && status && "ungated" in status)).toEqual([
			false,
			true,
			false,
		]);
		await keeper.stop({ orders: "keep" });
	});

	it("a session without protection is opened again after a loss even while the program is unhealthy", async () => {
		const ended = new SessionError("gone", { disposition: { action: "retry" }, session: "ended" });
		const beat = async (_signal: AbortSignal, count: number) => (count === 2 ? Promise.reject(ended) : unsupported());
		const { keeper, session, setHealthy } = gatedKeeper({ beat });
		await advance(0);
		setHealthy(false);
		await advance(60_000);
		expect(callsOf(session).slice(0, 4)).toEqual(["open", "beat", "beat", "open"]);
		expect(keeper.snapshot().broker.status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("a session without protection is opened for the first time only once the program is healthy", async () => {
		const session = scripted({ open: unsupported, beat: unsupported }, "broker");
		let isHealthy = false;
		const keeper = keepalive([session], { gate: { toleranceMs: 1_000, isHealthy: () => isHealthy } });
		await advance(10_000);
		expect(keeper.snapshot().broker.status.state).toBe("gated");
		expect(callsOf(session)).toEqual(["close cancel"]);
		isHealthy = true;
		await advance(1_000);
		expect(keeper.snapshot().broker.status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});
});
