import { BybitVenue, type BybitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { bybit, inspectBybit } from "./index.ts";

const key = { apiKey: "planted-key", apiSecret: "planted-secret" };
const signal = new AbortController().signal;
const links: Link[] = [];
afterEach(() => {
	for (const link of links.splice(0)) link.close();
});

function start(venueOptions: BybitVenueOptions = {}) {
	const venue = new BybitVenue({ ...key, ...venueOptions });
	const link = new Link(venue);
	links.push(link);
	const client = { ...key, fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) };
	const options = { client, products: ["DERIVATIVES"] } as const;
	/** What the venue has received: the method and path of each HTTP call, and the operation of each WebSocket frame. */
	const sent = () =>
		venue.received.map((each) =>
			each.kind === "http" ? `${each.method} ${each.path}` : String((each.frame as { op: string }).op),
		);
	return { venue, options, sent, inspect: () => inspectBybit(options, { signal }) };
}

const harmless = ["GET /v5/market/time", "GET /v5/account/info", "GET /v5/account/query-dcp-info", "auth", "ping"];

describe("inspectBybit", () => {
	it("inspectBybit() reads clock, account mode and protection, signs in on a WebSocket, and neither sets a cancel window nor subscribes", async () => {
		const { venue, sent, inspect } = start({ windowSeconds: 10 });
		const found = await inspect();
		expect(sent()).toEqual(harmless);
		expect(venue.truth().DERIVATIVES).toMatchObject({ state: "idle", deadline: null, liveConnections: 0 });
		expect(found).toEqual({
			problems: [],
			warnings: [],
			findings: [
				{ what: "account", value: "unified-2" },
				{ what: "Disconnection Protect of DERIVATIVES", value: "enabled, window 10 s" },
			],
			clockAheadMs: expect.closeTo(0, -2),
			roundTripMs: expect.any(Number),
			exposure: { processDeathMs: 11_000, networkDeathMs: 71_000 },
		});
	});

	it("inspectBybit() causes no cancel of orders in an account whose only subscribed connection belongs to a running session", async () => {
		const { venue, options, sent, inspect } = start({ windowSeconds: 10, settleMs: 0 });
		const running = bybit(options);
		await running.open(signal);
		const before = venue.truth().DERIVATIVES;
		const count = sent().length;
		expect((await inspect()).problems).toEqual([]);
		expect(venue.truth().DERIVATIVES).toEqual(before);
		expect(before).toMatchObject({ state: "armed", liveConnections: 1 });
		expect(sent().slice(count)).toEqual(harmless);
		await running.beat(signal);
		await running.close("keep");
	});

	it("inspectBybit() reports a product without Disconnection Protect and who can turn it on, and a cancel window that a session would change", async () => {
		const { options, sent } = start({ enabled: ["SPOT"], windowSeconds: 40 });
		const found = await inspectBybit({ ...options, products: ["DERIVATIVES", "SPOT"] }, { signal });
		expect(found.problems).toEqual([
			expect.objectContaining({ action: "human", todo: expect.stringContaining("account manager") }),
		]);
		expect(found.warnings).toEqual(["the cancel window of SPOT is 40 s: a session will set it to 10 s"]);
		expect(sent()).toEqual(harmless);
	});

	it("inspectBybit() reports a key that is refused, without showing the key", async () => {
		const { options } = start();
		const found = await inspectBybit(
			{ ...options, client: { ...options.client, apiSecret: "planted-wrong" } },
			{ signal },
		);
		expect(found.problems).toEqual([expect.objectContaining({ action: "fatal" })]);
		expect(JSON.stringify(found)).not.toContain("planted");
	});

	it("inspectBybit() reports a classic account, which is never protected", async () => {
		expect((await start({ accountMode: "classic" }).inspect()).problems).toEqual([
			expect.objectContaining({ action: "human", todo: "Upgrade the account to a unified one." }),
		]);
	});
});
