import { BybitVenue, Link, serve } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { BybitError } from "../errors.ts";
import { answered, apiKey, apiSecret, closers, failure, startHttp, useFakeClock } from "../testing/start-client.ts";
import { createBybitHttp } from "./http-client.ts";

useFakeClock();

/** The publicly known page that CloudFront, the network in front of the venue, sends to visitors from a blocked country. */
const cloudFrontPage = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">
<TITLE>ERROR: The request could not be satisfied</TITLE>
</HEAD><BODY>
<H1>403 ERROR</H1>
<H2>The request could not be satisfied.</H2>
<HR noshade size="1px">
The Amazon CloudFront distribution is configured to block access from your country.
<BR clear="all">
</BODY></HTML>`;

describe("an error of BybitHttp", () => {
	it.each<[number, BybitError["kind"]]>([
		[-1, "clock"],
		[429, "overload"],
		[-2015, "key"],
		[33004, "key"],
		[10000, "unknown-outcome"],
		[10001, "parameter"],
		[10003, "environment"],
		[10004, "signature"],
		[10005, "permission"],
		[10007, "key"],
		[10008, "account"],
		[10009, "account"],
		[10010, "address"],
		[10014, "unknown-outcome"],
		[10016, "unknown-outcome"],
		[10017, "route"],
		[10018, "banned"],
		[10024, "account"],
		[10027, "account"],
		[10028, "account"],
		[10032, "environment"],
		[10029, "venue"],
		[100028, "venue"],
		[110001, "venue"],
		[110065, "venue"],
	])("an error for retCode %i has the kind %s", async (retCode, kind) => {
		const { venue, http } = startHttp();
		venue.faults["force"]?.({ retCode, retMsg: "a text" });
		expect(await failure(http.queryDcp())).toMatchObject({ kind, venueCode: retCode, venueMessage: "a text" });
	});

	it.each<[number, BybitError["kind"]]>([
		[302, "route"],
		[400, "http"],
		[401, "environment"],
		[403, "blocked"],
		[404, "route"],
		[418, "http"],
		[429, "overload"],
		[500, "unknown-outcome"],
		[502, "unknown-outcome"],
	])("an error for HTTP status %i without JSON in the body has the kind %s", async (status, kind) => {
		const { venue, http } = startHttp();
		venue.faults["force"]?.({ status, body: "<html>no</html>" });
		expect(await failure(http.queryDcp())).toMatchObject({ kind, status });
	});

	it.each([
		["access too frequent", "banned"],
		['{"ret_msg":"access too frequent"}', "banned"],
		["<html><body>access too frequent</body></html>", "banned"],
		["", "banned"],
		["<html></html>", "banned"],
		[cloudFrontPage, "blocked"],
		["\n<!DOCTYPE html><title>Just a moment...</title>", "blocked"],
	])(
		"an error for HTTP 403 has kind `blocked` if a page gives a reason other than a ban, and `banned` otherwise: %j",
		async (body, kind) => {
			const http = answered(body, 403);
			const error = await failure(http.queryDcp());
			expect(error).toMatchObject({ kind, status: 403 });
			expect([error.retryAfterMs, http.bannedMs]).toEqual(kind === "banned" ? [600_000, 600_000] : [undefined, 0]);
		},
	);

	it("an error for a country block quotes the reason on the web page, and says that waiting does not help", async () => {
		const error = await failure(answered(cloudFrontPage, 403).queryDcp());
		expect(error.venueMessage).toMatch(/configured to block access from your country/);
		expect(error.message).toMatch(/HTTP 403 with a web page "ERROR: .* from your country\..*Waiting does not help/);
		expect(error.message).not.toMatch(/</);
	});

	it("the error for retCode 10009 names both possible meanings of this code", async () => {
		const error = await failure(answered('{"retCode":10009,"retMsg":"IP has been banned."}').queryDcp());
		expect(error).toMatchObject({ kind: "account", venueMessage: "IP has been banned." });
		expect(error.todo).toMatch(/does not serve this region, or it has banned this IP address/);
	});

	it("the kind of an error does not depend on the venue's text", async () => {
		const { venue, http } = startHttp();
		venue.faults["force"]?.({
			retCode: 10005,
			retMsg: "error sign! origin_string[] Too many visits! API key is invalid.",
		});
		expect((await failure(http.queryDcp())).kind).toBe("permission");
	});

	it("the kind of an error follows from retCode, not from the HTTP status, when both report an error", async () => {
		const { venue, http } = startHttp();
		venue.faults["force"]?.({ status: 401, retCode: 10003, retMsg: "API key is invalid." });
		expect(await failure(http.queryDcp())).toMatchObject({ kind: "environment", venueCode: 10003, status: 401 });
	});

	it.each([
		["https://api-testnet.bybit.com", /The host was api-testnet\.bybit\.com\./],
		["https://api.bytick.com", /The host was api\.bytick\.com\./],
		["http://127.0.0.1:8080", /The host was 127\.0\.0\.1\./],
	])("an error names the host %s when the key belongs to another environment", async (restUrl, text) => {
		for (const [body, status] of [
			['{"retCode":10003}', 200],
			['{"retCode":10032}', 200],
			["Unauthorized", 401],
		] as const) {
			const fetch = async () => new Response(body, { status });
			const error = await failure(createBybitHttp({ apiKey, apiSecret, restUrl, fetch }).queryDcp());
			expect([error.kind, error.message]).toEqual(["environment", expect.stringMatching(text)]);
		}
	});

	it("the error for an unknown API key names both environments, mainnet and testnet", async () => {
		const { fetch } = startHttp();
		const error = await failure(createBybitHttp({ apiKey: "other", apiSecret, fetch }).queryDcp());
		expect(error).toMatchObject({ kind: "environment", venueCode: 10003 });
		expect(error.message).toMatch(/mainnet or testnet/);
	});

	it("retryAfterMs of an error of kind `rate` is the time until the rate limit resets, by the venue's clock", async () => {
		const { venue, http } = startHttp();
		venue.faults["skew"]?.({ ms: 3_000 });
		for (let call = 0; call < 5; call += 1) await http.queryDcp();
		await vi.advanceTimersByTimeAsync(400);
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "rate", venueCode: 10006, resetAt: 1_700_000_004_000, retryAfterMs: 600 });
		await vi.advanceTimersByTimeAsync(600);
		await http.queryDcp();
	});

	it.each([
		[5_000, 5_000, 1_700_000_005_000],
		[5_001, 5_000, undefined],
		[3_600_000, 5_000, undefined],
		[900_000_000_000_000, 5_000, undefined],
	])(
		"an error of kind `rate` has a wait of at most five seconds: a reset in %i ms leads to a wait of %i ms",
		async (ms, retryAfterMs, resetAt) => {
			const headers = { "x-bapi-limit-reset-timestamp": String(1_700_000_000_000 + ms) };
			const http = answered('{"retCode":10006,"retMsg":"Too many visits!","time":1700000000000}', 200, headers);
			const error = await failure(http.queryDcp());
			expect([error.retryAfterMs, error.resetAt]).toEqual([retryAfterMs, resetAt]);
			expect(error.message).toContain(`Try again in ${retryAfterMs} ms.`);
		},
	);

	it("an error of kind `banned` has a wait of ten minutes", async () => {
		const { venue, http } = startHttp();
		venue.faults["ban"]?.({});
		expect(await failure(http.queryDcp())).toMatchObject({ kind: "banned", status: 403, retryAfterMs: 600_000 });
		await vi.advanceTimersByTimeAsync(599_999);
		expect((await failure(http.queryDcp())).kind).toBe("banned");
		await vi.advanceTimersByTimeAsync(1);
		await http.queryDcp();
	});
});

describe("BybitHttp without a usable reply", () => {
	it("BybitHttp does not follow a redirect, which would send the signed headers to another host", async () => {
		let redirect: string | undefined;
		const fetch: typeof globalThis.fetch = async (_, init) => {
			redirect = init?.redirect;
			return new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } });
		};
		expect((await failure(createBybitHttp({ apiKey, apiSecret, fetch }).queryDcp())).kind).toBe("route");
		expect(redirect).toBe("manual");
	});

	it.each(["", "<html>maintenance</html>", "{", "[]", "null", '"text"', "{}", '{"retCode":"0"}'])(
		"BybitHttp fails with kind `reply` when the body with status 200 is %j",
		async (body) => {
			const error = await failure(answered(body).queryDcp());
			expect(error).toMatchObject({ kind: "reply", status: 200 });
		},
	);

	it("an error of kind `reply` names the member that does not match the spec", async () => {
		const error = await failure(answered('{"retCode":0,"result":{"dcpInfos":{"a":1}}}').queryDcp());
		expect(error.message).toMatch(/does not match the spec: \/result\/dcpInfos must be/);
	});

	it("BybitHttp fails with kind `timeout` when the headers or the body of the reply do not arrive before the deadline", async () => {
		const { venue, http } = startHttp({}, { callTimeoutMs: 2_000 });
		venue.faults["withhold"]?.({ reply: true });
		let settled = false;
		const call = failure(http.queryDcp()).finally(() => {
			settled = true;
		});
		await vi.advanceTimersByTimeAsync(1_999);
		expect(settled).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect((await call).kind).toBe("timeout");

		const endless = new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{"retCode":0')) });
		const hanging = createBybitHttp({
			apiKey,
			apiSecret,
			callTimeoutMs: 2_000,
			fetch: async () => new Response(endless),
		});
		const second = failure(hanging.queryDcp());
		await vi.advanceTimersByTimeAsync(2_000);
		expect((await second).kind).toBe("timeout");
	});

	it.each([200, 502])(
		"BybitHttp reads only one megabyte of a body that never ends when the HTTP status is %i",
		async (status) => {
			vi.useRealTimers();
			let isCancelled = false;
			const page = new TextEncoder().encode('{"retCode":0,"pad":"'.padEnd(65_536, "x"));
			const body = new ReadableStream({
				pull: (controller) => controller.enqueue(page),
				cancel: () => {
					isCancelled = true;
				},
			});
			const error = await failure(
				createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(body, { status }) }).queryDcp(),
			);
			expect(error).toMatchObject({ kind: status === 200 ? "reply" : "unknown-outcome", status });
			expect(error.message).toMatch(
				/^@x\/bybit-dcp: GET \/v5\/account\/query-dcp-info: HTTP \d+ with the body of more than 1000000/,
			);
			expect(error.message.length).toBeLessThan(500);
			expect(isCancelled).toBe(true);
		},
	);

	it("BybitHttp fails with kind `aborted` when the caller's signal aborts before or during the call", async () => {
		const { venue, http } = startHttp();
		venue.faults["withhold"]?.({ reply: true });
		const during = new AbortController();
		const call = failure(http.queryDcp({ signal: during.signal }));
		await vi.advanceTimersByTimeAsync(1);
		during.abort();
		expect((await call).kind).toBe("aborted");
		const seen = venue.received.length;
		expect((await failure(http.queryDcp({ signal: AbortSignal.abort() }))).kind).toBe("aborted");
		expect(venue.received).toHaveLength(seen);
		expect(vi.getTimerCount()).toBe(0);
	});

	it("BybitHttp fails with kind `network` and the cause when the connection breaks", async () => {
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			fetch: () => Promise.reject(new TypeError("fetch failed", { cause: new Error("read ECONNRESET") })),
		});
		const error = await failure(http.queryDcp());
		expect(error.kind).toBe("network");
		expect(error.cause).toMatchObject({ message: "fetch failed", cause: { message: "read ECONNRESET" } });
	});
});

it("BybitHttp sets the window of a product and reads it back over a real connection to 127.0.0.1", async () => {
	vi.useRealTimers();
	const served = await serve(new Link(new BybitVenue({ apiKey, apiSecret })));
	closers.push(() => served.close());
	const http = createBybitHttp({ apiKey, apiSecret, restUrl: served.http });
	await http.setDcp({ product: "DERIVATIVES", windowSeconds: 10 });
	expect((await http.queryDcp())[0]).toEqual({ product: "DERIVATIVES", enabled: true, windowSeconds: 10 });
	expect(Math.abs(http.skew?.aheadMs ?? Number.NaN)).toBeLessThan(1_000);
});
