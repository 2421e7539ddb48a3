import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeribitVenue, type DeribitVenueOptions } from "../deribit.ts";
import { Link } from "../network-link.ts";
import { BareClient, callHttp } from "./testing/bare-client.ts";

const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function stage(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const trigger = (fault: keyof typeof link.faults, args: Record<string, unknown> = {}): unknown =>
		link.faults[fault](args);
	return {
		venue,
		link,
		trigger,
		bare: await BareClient.open(link),
		open: () => BareClient.open(link),
		truth: () => venue.truth(),
		http: (path: string, init?: RequestInit) => callHttp(link, path, init),
	};
}

describe("heartbeats of the simulated Deribit", () => {
	it("DeribitVenue sends heartbeat and test_request after 1.2 heartbeat intervals without a frame, and closes with 4000 one interval later", async () => {
		const { bare } = await stage();
		await bare.ask("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(11_999);
		expect(bare.heartbeats()).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(bare.heartbeats()).toEqual([{ type: "heartbeat" }, { type: "test_request" }]);
		expect(Object.keys(bare.frames.at(-1) ?? {})).toEqual(["params", "method", "jsonrpc"]);
		await vi.advanceTimersByTimeAsync(9_999);
		expect(bare.closed).toBeUndefined();
		await vi.advanceTimersByTimeAsync(1);
		expect(bare.closed).toEqual({ code: 4000, reason: "heartbeat close", at: 22_000 });
	});

	it("DeribitVenue sends heartbeat and test_request again 1.06 heartbeat intervals after the client has answered with public/test", async () => {
		const { bare } = await stage();
		await bare.ask("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(12_000);
		await bare.ask("public/test");
		await vi.advanceTimersByTimeAsync(10_599);
		expect(bare.heartbeats()).toHaveLength(2);
		await vi.advanceTimersByTimeAsync(1);
		expect(bare.heartbeats()).toHaveLength(4);
	});

	it("DeribitVenue sends no heartbeat frames while the client sends requests and receives replies", async () => {
		const { bare } = await stage();
		await bare.ask("public/set_heartbeat", { interval: 10 });
		for (let second = 0; second < 60; second += 5) {
			await vi.advanceTimersByTimeAsync(5_000);
			await bare.ask("public/get_time");
		}
		expect(bare.heartbeats()).toEqual([]);
	});

	it.each([
		["public/test", "closed", 4000],
		["any", "open", undefined],
	] as const)(
		"DeribitVenue option answer=%s: if the client answers test_request with public/get_time, the connection is %s",
		async (answer, _, code) => {
			const { bare } = await stage({ answer });
			await bare.ask("public/set_heartbeat", { interval: 10 });
			await vi.advanceTimersByTimeAsync(12_000);
			await bare.ask("public/get_time");
			await vi.advanceTimersByTimeAsync(10_000);
			expect(bare.closed?.code).toBe(code);
		},
	);

	it("public/set_heartbeat refuses a missing interval and an interval below 10 s; public/disable_heartbeat switches heartbeats off", async () => {
		const { bare, truth } = await stage();
		expect(await bare.ask("public/set_heartbeat", { interval: 5 })).toMatchObject({
			error: { code: -32602, data: { reason: "value must be >= 10", param: "interval" } },
		});
		expect(await bare.ask("public/set_heartbeat")).toMatchObject({ error: { data: { reason: "value is required" } } });
		await bare.ask("public/set_heartbeat", { interval: 30 });
		expect(truth().connections[0]?.heartbeatSeconds).toBe(30);
		await bare.ask("public/disable_heartbeat");
		expect(truth().connections[0]?.heartbeatSeconds).toBeNull();
	});

	it("a heartbeat uses the interval that was set last, which may be a fraction such as 10.5 s, and stops when the connection ends", async () => {
		const { bare, open, truth } = await stage();
		await bare.ask("public/set_heartbeat", { interval: 30 });
		await bare.ask("public/set_heartbeat", { interval: 10.5 });
		await vi.advanceTimersByTimeAsync(12_599);
		expect(bare.heartbeats()).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(bare.heartbeats()).toContainEqual({ type: "test_request" });
		bare.close();
		await open();
		expect(truth().connections).toMatchObject([{ heartbeatSeconds: null }]);
	});

	it("a heartbeat uses the DeribitVenue options heartbeatSecondMs (length of a second) and graceMs (time for the answer)", async () => {
		const { bare } = await stage({ heartbeatSecondMs: 100, graceMs: 50 });
		await bare.ask("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(1_250);
		expect(bare.closed).toMatchObject({ code: 4000, at: 1_250 });
	});
});

describe("an idle connection to the simulated Deribit", () => {
	it("an idle connection to DeribitVenue is dropped without a close frame after 60 s without data", async () => {
		const { bare } = await stage();
		await vi.advanceTimersByTimeAsync(59_999);
		expect(bare.closed).toBeUndefined();
		await vi.advanceTimersByTimeAsync(1);
		expect(bare.closed).toMatchObject({ code: 1006 });
	});

	it("an idle connection to DeribitVenue is closed after 10 minutes without a frame from the client", async () => {
		const { bare } = await stage({ transportIdleMs: 10_000_000 });
		await vi.advanceTimersByTimeAsync(600_000);
		expect(bare.closed).toMatchObject({ code: 1000, at: 600_000 });
	});
});
