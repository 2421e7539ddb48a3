import { afterEach, describe, expect, it } from "vitest";
import { runMain } from "../testing/run-main.ts";
import { planted, secrets, serveVenues, type VenueOptions } from "../testing/serve-venues.ts";

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const each of started.splice(0)) await each.close();
});

async function serve(options: VenueOptions = {}) {
	const venues = await serveVenues(options);
	started.push(venues);
	return venues;
}

const all = ["deribit", "bybit", "ibkr"] as const;

describe("keepalive check", () => {
	it("keepalive check exits 0 when every venue is ready, and changes nothing and subscribes to nothing at the venues", async () => {
		const { configure, deribit, bybit, ibkr } = await serve();
		const before = [deribit.truth(), bybit.truth(), ibkr.truth()];
		const { code, out, err } = await runMain(["check", "-c", configure(all)], { environment: secrets });
		expect([code, err.split("\n").length]).toEqual([0, 11]);
		expect([...new Set(deribit.received.map(({ method }) => method))]).toEqual([
			"public/get_time",
			"public/auth",
			"private/get_cancel_on_disconnect",
		]);
		const frames = bybit.received.flatMap((each) => (each.kind === "frame" ? [(each.frame as { op: string }).op] : []));
		expect(frames).toEqual(["auth", "ping"]);
		expect(bybit.received.flatMap((each) => (each.kind === "http" ? [each.method] : []))).toEqual([
			"GET",
			"GET",
			"GET",
		]);
		expect(ibkr.received.map(({ path }) => path)).toEqual(["/v1/api/iserver/auth/status", "/v1/api/iserver/accounts"]);
		expect([deribit.truth(), bybit.truth(), ibkr.truth()]).toEqual(before);
		expect(out).toMatch(/^hedge \(deribit\): ready$/m);
		expect(out).toMatch(/key may +account:read_write trade:read_write wallet:read/);
		expect(out).toMatch(/orders stay +up to 0 s after the process dies, up to \d+ s after the network dies/);
		expect(out).toMatch(/clock +\d+ ms (ahead of|behind) the venue's/);
		expect(out + err).not.toMatch(planted);
	});

	it("keepalive check exits 3 and says what to do when a person has to act", async () => {
		const { configure } = await serve({ ibkr: { start: "none" }, bybit: { enabled: [] } });
		const { code, out } = await runMain(["check", "-c", configure(all)], { environment: secrets });
		expect(code).toBe(3);
		expect(out).toMatch(/^broker \(ibkr\): NEEDS A PERSON$/m);
		expect(out).toMatch(/to do +Log in at https:\/\/127\.0\.0\.1:\d+ in a browser/);
		expect(out).toMatch(/to do +Ask your Bybit account manager/);
		expect(out).toMatch(/^hedge \(deribit\): ready$/m);
	});

	it("keepalive check exits 1 when a venue cannot be reached or does not answer in time", async () => {
		const { configure, links } = await serve();
		links.deribit.partition();
		const args = ["check", "-c", configure(["deribit"]), "--timeout", "0.5"];
		const { code, out } = await runMain(args, { environment: secrets });
		expect(code).toBe(1);
		expect(out).toMatch(/^hedge \(deribit\): NOT READY$/m);
	});

	it("keepalive check exits 2 before anything connects when the configuration is wrong", async () => {
		const { configure, deribit } = await serve();
		const file = configure(["deribit"]);
		const { code, err } = await runMain(["check", "-c", file], { environment: { ...secrets, DERIBIT_CLIENT_ID: "" } });
		expect(code).toBe(2);
		expect(err).toMatch(
			/keepalive\.yaml:9: sessions\.hedge\.client\.credentials\.clientId needs the environment variable/,
		);
		expect(deribit.received).toEqual([]);
	});

	it("keepalive check prints JSON with --json, without a secret", async () => {
		const { configure } = await serve();
		const args = ["check", "-c", configure(all), "--json"];
		const { out } = await runMain(args, { environment: { ...secrets, BYBIT_API_KEY: "planted-wrong" } });
		expect(JSON.parse(out)).toMatchObject({
			sessions: [
				{ session: "hedge", venue: "deribit", verdict: "ready", problems: [] },
				{ session: "maker", venue: "bybit", verdict: "human", problems: [{ action: "fatal" }] },
				{ session: "broker", venue: "ibkr", verdict: "ready", problems: [] },
			],
		});
		expect(out).not.toMatch(planted);
	});
});
