import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeribitVenue, type DeribitVenueOptions } from "../deribit.ts";
import { Link } from "../network-link.ts";
import { BareClient, callHttp, settle } from "./testing/bare-client.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
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

describe("cancel-on-disconnect of the simulated Deribit", () => {
	async function armed(options: DeribitVenueOptions = {}, scope?: string) {
		const all = await stage(options);
		await all.bare.ask("public/auth", credentials);
		expect(await all.bare.ask("private/enable_cancel_on_disconnect", scope ? { scope } : {})).toMatchObject({
			result: "ok",
		});
		const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };
		const { result } = (await all.bare.ask("private/buy", order)) as { result: { order: { order_id: string } } };
		return { ...all, orderId: result.order.order_id };
	}

	it.each([
		["a close frame", ({ bare }) => bare.close()],
		["a dropped connection", ({ link }) => link.drop()],
		[
			"a heartbeat failure",
			async ({ bare, link }) => {
				await bare.ask("public/set_heartbeat", { interval: 10 });
				link.halfOpen();
				await vi.advanceTimersByTimeAsync(22_000);
			},
		],
		["60 s of silence", () => vi.advanceTimersByTimeAsync(60_000)],
		[
			"a rate limit",
			async ({ bare, trigger }) => {
				trigger("rateLimit");
				await bare.ask("private/get_open_orders");
			},
		],
		["maintenance", ({ trigger }) => void trigger("maintenance")],
	] as [string, (all: Awaited<ReturnType<typeof armed>>) => unknown][])(
		"cancel-on-disconnect cancels orders after %s",
		async (_, end) => {
			const all = await armed();
			const bystander = await all.open();
			await end(all);
			await settle();
			expect(all.venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
			bystander.close();
		},
	);

	it("cancel-on-disconnect cancels no orders after a logout, which closes the connection without a reply", async () => {
		const { bare, venue } = await armed();
		expect(await bare.ask("private/logout")).toEqual({});
		expect(bare.closed).toMatchObject({ code: 1000 });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("cancel-on-disconnect cancels no orders that were placed over HTTP or over connections for which it is off", async () => {
		const { bare, open, venue, http } = await armed();
		const other = await open();
		const { result } = (await other.ask("public/auth", credentials)) as { result: Record<string, unknown> };
		await other.ask("private/buy", { instrument_name: "ETH-PERPETUAL", amount: 1 });
		const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
		await http("/private/sell?instrument_name=SOL&amount=1", { headers: { authorization } });
		bare.close();
		other.close();
		await settle();
		expect(result).toBeDefined();
		expect(venue.orders().map(({ state }) => state)).toEqual(["cancelled", "open", "open"]);
	});

	it("private/enable_cancel_on_disconnect without a scope changes only its own connection; a new connection starts with the account's default", async () => {
		const { bare, open, truth } = await armed();
		bare.close();
		await open();
		expect(truth()).toMatchObject({ connections: [{ armed: false }], accountArmed: false });
	});

	it("enable_cancel_on_disconnect with scope account changes the calling and all later connections; each scope can be read back alone", async () => {
		const { open, truth } = await armed({}, "account");
		const later = await open();
		expect(truth().connections.map(({ armed: is }) => is)).toEqual([true, true]);
		await later.ask("public/auth", credentials);
		await later.ask("private/disable_cancel_on_disconnect", { scope: "connection" });
		const read = (scope: string) => later.ask("private/get_cancel_on_disconnect", { scope });
		expect(await read("connection")).toMatchObject({ result: { scope: "connection", enabled: false } });
		expect(await read("account")).toMatchObject({ result: { scope: "account", enabled: true } });
	});

	it("private/get_order_state returns cancel_reason cancel_on_disconnect for an order that cancel-on-disconnect has cancelled", async () => {
		const { bare, open, orderId } = await armed();
		bare.close();
		const later = await open();
		await later.ask("public/auth", credentials);
		expect(await later.ask("private/get_order_state", { order_id: orderId })).toMatchObject({
			result: { order_state: "cancelled", cancel_reason: "cancel_on_disconnect" },
		});
		expect(await later.ask("private/get_open_orders")).toMatchObject({ result: [] });
	});

	it("DeribitVenue option cancelDelayMs delays the cancels of cancel-on-disconnect", async () => {
		const { bare, venue } = await armed({ cancelDelayMs: 500 });
		bare.close();
		await vi.advanceTimersByTimeAsync(499);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it("changing cancel-on-disconnect requires the scope account:read_write; reading its state requires account:read", async () => {
		const { bare } = await stage();
		await bare.ask("public/auth", { ...credentials, scope: "trade:read_write account:read" });
		expect(await bare.ask("private/enable_cancel_on_disconnect")).toMatchObject({ error: { code: 13021 } });
		expect(await bare.ask("private/get_cancel_on_disconnect")).toMatchObject({ result: { enabled: false } });
	});

	it("truth() of DeribitVenue shows whether cancel-on-disconnect is really on, even if a reply claimed something else", async () => {
		const { bare, trigger, truth } = await stage();
		await bare.ask("public/auth", credentials);
		trigger("ignoreArming");
		expect(await bare.ask("private/enable_cancel_on_disconnect")).toMatchObject({ result: "ok" });
		expect(truth().connections).toMatchObject([{ armed: false, authenticated: true }]);
		trigger("ignoreArming", { on: false });
		trigger("failArming");
		expect(await bare.ask("private/enable_cancel_on_disconnect")).toMatchObject({ error: { code: 10049 } });
		trigger("failArming", { on: false });
		await bare.ask("private/enable_cancel_on_disconnect", { scope: "account" });
		expect(truth()).toMatchObject({ connections: [{ armed: true }], accountArmed: true });
		trigger("disarmAll");
		expect(truth()).toMatchObject({ connections: [{ armed: false }], accountArmed: false });
	});
});
