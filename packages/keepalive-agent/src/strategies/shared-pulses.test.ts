import { describe, expect, it, onTestFinished } from "vitest";
import { postgresFolder, postgresMissing } from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { eventually, twoMachines } from "../leader/testing/two-machines.ts";
import { call } from "../testing/agent-process.ts";

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);

const toleranceMs = 4_000;
const windowSeconds = 3;
const section = `strategies: { bot: { sessions: [maker], toleranceMs: ${toleranceMs}, shared: true } }\n`;
const saysArmed = async (url: string): Promise<boolean> => (await call(url, "/v1/sessions/maker/armed")).status === 200;

/** Starts two agents with the same session at Bybit, and a bot on the machine of the first agent. */
async function stage() {
	const { start, server, bybit } = await twoMachines(["bybit"], { bybit: { windowSeconds } });
	const last = `    windowSeconds: ${windowSeconds}\n`;
	const [a, b] = [await start(1, section, last), await start(2, section, last)];
	let pulsedAt = 0;
	const pulse = async (url = a.url): Promise<void> => {
		pulsedAt = Date.now();
		await call(url, "/v1/strategies/bot/pulse", { body: {} });
	};
	const startPulsing = (url = a.url) => {
		const timer = setInterval(() => void pulse(url).catch(() => undefined), 200);
		const stop = (): void => clearInterval(timer);
		onTestFinished(stop);
		return stop;
	};
	const bothArmed = async () => (await saysArmed(a.url)) && (await saysArmed(b.url));
	return { a, b, bybit, server, startPulsing, bothArmed, pulsedAt: () => pulsedAt };
}

const strategyOf = async (url: string) => JSON.parse((await call(url, "/v1/strategies/bot")).text);
const stateOf = async (url: string): Promise<string> =>
	JSON.parse((await call(url, "/v1/sessions/maker")).text).status.state;

describe.skipIf(!postgresFolder && !process.env["CI"])("two agents with a shared strategy at Bybit", () => {
	it("two agents stay subscribed while one bot sends pulses, and Bybit cancels within the stated time after the last pulse", async () => {
		const { a, b, bybit, startPulsing, bothArmed, pulsedAt } = await stage();
		const stopPulsing = startPulsing();
		await eventually(bothArmed);
		bybit.faults.place({ product: "DERIVATIVES" });
		const stated = await Promise.all([a, b].map(async ({ url }) => (await strategyOf(url)).sessions[0].cancelWithinMs));
		stopPulsing();
		const last = pulsedAt();
		await eventually(async () => bybit.orders()[0]?.state === "cancelled");
		const cancelledAfterMs = Date.now() - last;
		expect(Math.max(...stated)).toBeGreaterThan(toleranceMs);
		expect(cancelledAfterMs).toBeLessThan(Math.max(...stated));
		expect(await Promise.all([a, b].map(({ url }) => stateOf(url)))).toEqual(["gated", "gated"]);
		// During this wait, no agent must mistake the last pulse, which the other agent has shared, for a new one.
		await new Promise((resolve) => setTimeout(resolve, 2 * toleranceMs));
		expect(await Promise.all([a, b].map(({ url }) => stateOf(url)))).toEqual(["gated", "gated"]);
	});

	it("two agents keep the orders in the book when one is killed and the bot sends its pulses to the other", async () => {
		const { a, b, bybit, startPulsing, bothArmed } = await stage();
		const stopPulsing = startPulsing();
		await eventually(bothArmed);
		bybit.faults.place({ product: "DERIVATIVES" });
		a.kill("SIGKILL");
		stopPulsing();
		startPulsing(b.url);
		await new Promise((resolve) => setTimeout(resolve, toleranceMs + 2_000 * windowSeconds));
		await eventually(() => saysArmed(b.url));
		expect(bybit.orders()[0]?.state).toBe("open");
	});

	it("each of two agents counts only the pulses of its own machine while the database cannot be reached", async () => {
		const { a, b, bybit, server, startPulsing, bothArmed } = await stage();
		startPulsing();
		await eventually(bothArmed);
		bybit.faults.place({ product: "DERIVATIVES" });
		await server.halt();
		await eventually(async () => (await stateOf(b.url)) === "gated");
		await eventually(() => saysArmed(a.url));
		expect(bybit.orders()[0]?.state).toBe("open");
		await server.resume();
		await eventually(bothArmed);
		for (const { output } of [a, b]) {
			expect(output()).toContain("pulses on other machines are not known here");
			expect(output()).toContain("the shared pulses of strategy bot: read works again");
		}
	});
});
