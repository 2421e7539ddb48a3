import { describe, expect, it } from "vitest";
import { planted } from "../testing/serve-venues.ts";
import { drillStage } from "./testing/start-drill-venues.ts";

const quick = ["--session", "maker", "--control", "1"];
/** Options for a fast simulator: its cancel window of 3 s applies at once, and it notices a silent connection within 3 s. */
const short = { windowSeconds: 3, settleMs: 0, idleScanMs: 250, idleLimitOverrideMs: 2_500, orderCallsPerSecond: 100 };
const window = "    windowSeconds: 3\n    settleMs: 0\n";

async function stage(bybit: NonNullable<Parameters<typeof drillStage>[0]>["bybit"] = {}, top = "") {
	const venues = await drillStage({ bybit: { ...short, ...bybit } });
	venues.configure(["bybit"], top, window);
	return venues;
}

const at = (text: string, action: () => unknown) => (line: string) => void (line.includes(text) && action());

describe.concurrent("keepalive drill at Bybit", () => {
	it("keepalive drill chooses price and size, proves that Bybit cancels the order however the session dies, and subscribes over no second connection", async () => {
		const strategies = "strategies: { bot: { sessions: [maker], toleranceMs: 1000 } }\n";
		const { drill, bybit } = await stage({}, strategies);
		const { code, records, err } = await drill(quick);
		expect(records, err).toMatchObject([
			{ kill: "close", result: { verdict: "proved" }, statedMs: 4_000 },
			{ kill: "kill", result: { verdict: "proved" }, statedMs: 4_000 },
			{ kill: "freeze", result: { verdict: "proved" }, statedMs: 64_000 },
			{ kill: "gate", result: { verdict: "proved" } },
		]);
		for (const { measured, statedMs = 0, allowanceMs = 0 } of records) {
			// The venue cancels only after its cancel window, which is 3 s here.
			expect(measured?.sinceDeathMs).toBeGreaterThanOrEqual(2_990);
			expect(measured?.sinceDeathMs).toBeLessThanOrEqual(statedMs + allowanceMs);
		}
		const order = { side: "Buy", qty: "0.001", price: "59040.0", timeInForce: "PostOnly", cancelReason: "CancelByDCP" };
		expect(bybit.orders()).toMatchObject([order, order, order, order]);
		const subscribers = bybit.received.flatMap((each) =>
			each.kind === "frame" && JSON.stringify(each.frame).includes('"subscribe"') ? [each.connection] : [],
		);
		expect(new Set(subscribers).size).toBe(4);
		expect(JSON.stringify(records) + err).not.toMatch(planted);
		expect(code).toBe(0);
	});

	it('keepalive drill reports "not fired", and cancels the order itself, when another connection keeps Bybit from cancelling the order', async () => {
		const { drill, bybit, links } = await stage({ idleLimitOverrideMs: 60_000 });
		const { connectBybit } = await import("@x/bybit-dcp");
		const { memoryWebSocket } = await import("@x/venue-sims");
		const key = { apiKey: "planted-bybit-key", apiSecret: "planted-bybit-secret" };
		const other = await connectBybit({ ...key, WebSocket: memoryWebSocket(links.bybit) });
		await other.subscribe("dcp.future");
		const { code, records, err } = await drill([...quick, "--kill", "kill"]);
		expect(records, err).toMatchObject([{ result: { verdict: "not-fired" }, cleanup: "cancelled" }]);
		expect(bybit.orders()).toMatchObject([{ state: "cancelled", cancelReason: "CancelByUser" }]);
		expect(code).toBe(3);
	});

	it('keepalive drill reports "fired late" when the cancel window of Bybit has become longer after the session has read it back', async () => {
		const { drill, bybit } = await stage();
		const lengthen = () => bybit.faults.setWindow({ product: "DERIVATIVES", seconds: 6 });
		const { code, records, err } = await drill([...quick, "--kill", "kill"], at("control period", lengthen));
		expect(records, err).toMatchObject([{ result: { verdict: "fired-late" }, statedMs: 4_000, cleanup: "not-needed" }]);
		expect(records[0]?.measured?.sinceDeathMs).toBeGreaterThanOrEqual(5_990);
		expect(code).toBe(3);
	});

	it('keepalive drill reports "wrong reason" for an order that was cancelled for another reason than the death of the session, and "filled" for an order that was filled', async () => {
		const { drill, bybit } = await stage();
		const args = [...quick, "--kill", "kill"];
		const wrong = await drill(
			args,
			at("watch for up to", () => bybit.faults.cancel({})),
		);
		expect(wrong.records, wrong.err).toMatchObject([{ result: { verdict: "wrong-reason", reason: "CancelByAdmin" } }]);
		const fill = () => bybit.faults.fill({ orderId: bybit.orders().at(-1)?.id, qty: 0.0004 });
		const filled = await drill(args, at("control period", fill));
		expect(filled.records, filled.err).toMatchObject([{ result: { verdict: "filled", amount: "0.0004" } }]);
		expect(bybit.orders().at(-1)).toMatchObject({ state: "cancelled", filledQty: 0.0004 });
		expect([wrong.code, filled.code]).toEqual([3, 3]);
	});

	it('keepalive drill reports "inconclusive" when the protection is not enabled for the account, and says whom to ask to enable it', async () => {
		const { drill, bybit } = await stage({ enabled: [] });
		const { code, records, err } = await drill([...quick, "--kill", "kill"]);
		const result = { verdict: "inconclusive", todo: expect.stringContaining("account manager") };
		expect(records, err).toMatchObject([{ result, cleanup: "not-needed" }]);
		expect(bybit.orders()).toEqual([]);
		expect(code).toBe(3);
	});

	it("keepalive drill refuses an account with other open orders, whatever product these orders are for", async () => {
		const { drill, bybit } = await stage();
		bybit.faults.place({ product: "SPOT" });
		bybit.faults.place({ product: "OPTIONS" });
		const { code, err } = await drill([...quick, "--kill", "kill"]);
		expect([code, err]).toMatchObject([2, expect.stringContaining("has 2 open orders")]);
	});
});
