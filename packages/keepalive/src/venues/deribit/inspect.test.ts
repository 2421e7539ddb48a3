import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { type DeribitSessionOptions, deribit, deribitExposure, inspectDeribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const signal = new AbortController().signal;
const links: Link[] = [];
afterEach(() => {
	for (const link of links.splice(0)) link.close();
});

function start(venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const client = { WebSocket: memoryWebSocket(link), credentials: { clientId, clientSecret } };
	const inspect = (options: Partial<DeribitSessionOptions> = {}) => inspectDeribit({ client, ...options }, { signal });
	return { venue, link, client, inspect };
}

describe("inspectDeribit", () => {
	it("inspectDeribit() reads clock, permissions and protection, and makes no call that changes anything", async () => {
		const { venue, inspect } = start();
		const found = await inspect({ cancelScope: "account" });
		expect(venue.received.map(({ method }) => method)).toEqual([
			"public/get_time",
			"public/auth",
			"private/get_cancel_on_disconnect",
		]);
		expect(found).toEqual({
			problems: [],
			warnings: [],
			findings: [{ what: "cancel-on-disconnect of the account", value: "off: new connections start unarmed" }],
			permissions: ["account:read_write", "trade:read_write", "wallet:read"],
			clockAheadMs: expect.closeTo(0, -2),
			roundTripMs: expect.any(Number),
			exposure: deribitExposure(),
		});
	});

	it("inspectDeribit() leaves a running session, its order and the account's sessions unchanged, even if the account enables cancel-on-disconnect for every new connection", async () => {
		const { venue, client, inspect } = start({ accountArmed: true });
		const credentials = { ...client.credentials, authScope: "session:bot account:read_write trade:read_write" };
		const running = deribit({ client: { ...client, credentials } });
		await running.open(signal);
		await running.requireArmed().call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10, price: 1 });
		const before = venue.truth();
		const found = await inspect({ client: { ...client, credentials } });
		expect(found.problems).toEqual([]);
		expect(found.findings[0]?.value).toBe("on: new connections start armed");
		expect(venue.truth()).toEqual(before);
		expect(before).toMatchObject({ openOrders: 1, sessions: ["bot"] });
		await running.beat(signal);
		await running.close("keep");
	});

	it("inspectDeribit() reports a key that lacks the permission to arm, and the permissions that the key has", async () => {
		const { inspect } = start({ keyScope: "account:read trade:read_write" });
		const { problems, permissions } = await inspect();
		expect(problems).toEqual([{ action: "fatal", message: expect.stringContaining("needs account:read_write") }]);
		expect(permissions).toEqual(["account:read", "trade:read_write"]);
	});

	it("inspectDeribit() reports a wrong secret without showing it", async () => {
		const { client, inspect } = start();
		const credentials = { clientId, clientSecret: "planted-wrong" };
		const found = await inspect({ client: { ...client, credentials } });
		expect(found.problems).toEqual([{ action: "fatal", message: expect.stringContaining("13004") }]);
		expect(JSON.stringify(found)).not.toMatch(/planted|sim-deribit/);
	});

	it("inspectDeribit() reports by how much this machine's clock is wrong, and sends no signed login", async () => {
		const { venue, link, client, inspect } = start();
		link.faults.skew({ ms: -45_000 });
		const credentials = { clientId, clientSecret, grant: "client_signature" } as const;
		const { problems, clockAheadMs } = await inspect({ client: { ...client, credentials } });
		expect(problems).toEqual([expect.objectContaining({ action: "human", todo: expect.stringContaining("clock") })]);
		expect(clockAheadMs).toBeCloseTo(45_000, -3);
		expect(new Set(venue.received.map(({ method }) => method))).toEqual(new Set(["public/get_time"]));
	});

	it("inspectDeribit() reports a problem whose action is `retry` if its signal aborts before the venue has answered", async () => {
		const { link, client } = start();
		link.partition();
		const controller = new AbortController();
		const looking = inspectDeribit({ client }, controller);
		controller.abort();
		expect((await looking).problems).toEqual([expect.objectContaining({ action: "retry" })]);
	});
});
