import { describe, expect, it } from "vitest";
import { bybitHosts, bybitUrlsOf } from "./hosts.ts";
import { createBybitHttp } from "./http/http-client.ts";
import { checkBybitSocketOptions } from "./socket/connect.ts";

const key = { apiKey: "k", apiSecret: "s" };
const { demo, ...others } = bybitHosts;
const sites: readonly (readonly [string, { readonly restUrl: string; readonly wsUrl?: string }])[] =
	Object.entries(others);

describe("bybitHosts", () => {
	it.each(sites)(
		"the client accepts the URLs of bybitHosts for %s, and finds each of the two URLs when only the other is given",
		(_, site) => {
			const wsUrl = site.wsUrl ?? bybitHosts.mainnet.wsUrl;
			expect(() => createBybitHttp({ ...key, ...site })).not.toThrow();
			expect(() => checkBybitSocketOptions({ ...key, ...site })).not.toThrow();
			expect(String(bybitUrlsOf({ restUrl: site.restUrl }).wsUrl)).toBe(wsUrl);
			if (!site.wsUrl) return;
			const { restUrl } = bybitUrlsOf({ wsUrl });
			expect([`${site.restUrl}/`, "https://api.bybit.com/"]).toContain(String(restUrl));
		},
	);

	it("bybitHosts.demo is refused before anything connects, because demo trading has no Disconnection Protect", () => {
		for (const check of [createBybitHttp, checkBybitSocketOptions]) {
			expect(() => check({ ...key, ...demo })).toThrow(/must not be a demo-trading host: demo trading has no DCP/);
		}
	});
});

describe("bybitUrlsOf", () => {
	it("bybitUrlsOf() refuses the HTTP host of one site together with the WebSocket host of any other site", () => {
		let refused = 0;
		for (const [name, { restUrl, wsUrl: own = bybitHosts.mainnet.wsUrl }] of sites) {
			for (const [, { wsUrl }] of sites) {
				if (!wsUrl || wsUrl === own) continue;
				refused += 1;
				const both = { ...key, restUrl, wsUrl };
				for (const check of [createBybitHttp, checkBybitSocketOptions]) {
					expect([name, wsUrl, () => check(both)]).toEqual([name, wsUrl, expect.any(Function)]);
					expect(() => check(both)).toThrow(
						/option wsUrl must be of the same site as restUrl: \S+ does not belong to \S+\./,
					);
				}
			}
		}
		expect(refused).toBe(78);
	});

	it("bybitUrlsOf() accepts an unknown host with a host of any site, but never a testnet host with a host that is not a testnet host", () => {
		const known = bybitHosts.turkey;
		expect(() => bybitUrlsOf({ restUrl: "https://mm.example", wsUrl: known.wsUrl })).not.toThrow();
		expect(() => bybitUrlsOf({ restUrl: known.restUrl, wsUrl: "wss://mm.example/v5/private" })).not.toThrow();
		expect(() => bybitUrlsOf({ restUrl: "http://127.0.0.1:1", wsUrl: "ws://127.0.0.1:2/v5/private" })).not.toThrow();
		expect(() => bybitUrlsOf({ restUrl: known.restUrl, wsUrl: "wss://mm-testnet.example/v5/private" })).toThrow(
			/same site/,
		);
		expect(() => bybitUrlsOf({ wsUrl: "wss://mm-testnet.example/v5/private" })).toThrow(/same site/);
	});

	it("bybitUrlsOf() returns the URLs of mainnet when no option is given", () => {
		expect(String(bybitUrlsOf({}).restUrl)).toBe("https://api.bybit.com/");
		expect(String(bybitUrlsOf({}).wsUrl)).toBe("wss://stream.bybit.com/v5/private");
	});
});
