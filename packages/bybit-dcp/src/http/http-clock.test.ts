import { describe, expect, it, vi } from "vitest";
import { answered, apiKey, apiSecret, failure, startHttp, useFakeClock } from "../testing/start-client.ts";
import { createBybitHttp } from "./http-client.ts";

useFakeClock();

describe("the clock of BybitHttp", () => {
	it("serverTime() returns the time of the venue's clock to the nanosecond", async () => {
		const { http } = startHttp();
		expect(await http.serverTime()).toEqual({
			epochMs: 1_700_000_000_000,
			epochNs: 1_700_000_000_000_000_000n,
			roundTripMs: 0,
		});
	});

	it.each([undefined, "", "soon", "1700000000", "1.7e18", "-1700000000000000000"])(
		"serverTime() fails with kind `reply` when the member timeNano of the reply is %j",
		async (timeNano) => {
			const http = answered(JSON.stringify({ retCode: 0, result: { timeSecond: "1700000000", timeNano } }));
			expect((await failure(http.serverTime())).kind).toBe("reply");
		},
	);

	it("BybitHttp succeeds although this machine's clock is over 1 s ahead (the venue's limit), because timestamps are set back by 300 ms", async () => {
		const { venue, http } = startHttp();
		venue.faults["skew"]?.({ ms: -1_002 });
		await http.queryDcp();
		expect(http.skew).toEqual({ aheadMs: 1_002, plusMinusMs: 0 });
	});

	it("BybitHttp leaves a call 525 ms to arrive when the receive window is 1 000 ms and timestamps are set back by 475 ms", async () => {
		const { fetch } = startHttp();
		let sendMs = 175;
		const slow: typeof fetch = async (...args) => {
			await vi.advanceTimersByTimeAsync(sendMs);
			const reply = await fetch(...args);
			await vi.advanceTimersByTimeAsync(175);
			return reply;
		};
		const http = createBybitHttp({ apiKey, apiSecret, fetch: slow, recvWindowMs: 1_000 });
		await http.queryDcp();
		// The timestamp is set back by 300 ms and by half of the round trip (175 ms). Of the receive window of 1 000 ms,
		// that leaves 525 ms for the way to the venue.
		sendMs = 525;
		await http.queryDcp();
		sendMs = 526;
		expect((await failure(http.queryDcp())).kind).toBe("clock");
	});

	it("a local clock that is 5 s ahead makes one call fail, and later calls succeed", async () => {
		const { venue, http } = startHttp();
		venue.faults["skew"]?.({ ms: -5_000 });
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "clock", venueCode: 10002, skewMs: 4_700 });
		expect(error.message).toMatch(
			/was 4700 ms ahead of the venue's clock; this machine's clock is 5000 ms ahead of .*larger recvWindowMs does not help/,
		);
		await http.queryDcp();
		expect(http.skew).toEqual({ aheadMs: 5_000, plusMinusMs: 0 });
		expect(http.serverNow()).toBe(1_699_999_995_000);
	});

	it("a local clock that is behind makes one call fail, and later calls succeed with the same receive window", async () => {
		const { venue, http } = startHttp();
		venue.faults["skew"]?.({ ms: 6_609 });
		const error = await failure(http.queryDcp());
		expect(error).toMatchObject({ kind: "clock", skewMs: -6_909 });
		expect(error.message).toMatch(/was 6909 ms behind the venue's clock; this machine's clock is 6609 ms behind/);
		await http.queryDcp();
		venue.faults["skew"]?.({ ms: 20_000 });
		expect((await failure(http.queryDcp())).message).toMatch(/recv_window\[5000\]/);
		await http.queryDcp();
	});

	it("BybitHttp takes the venue's time from the text of a refusal that has no member `time`, and ignores an impossible `time`", async () => {
		const texts = "req_timestamp[1700000004700],server_timestamp[1700000000000],recv_window[5000]";
		const bodies = [
			JSON.stringify({ retCode: 10002, retMsg: `invalid request. ${texts}` }),
			...[0, 1_700_000_000, 1.7e18, -1, 1_700_000_000_000.5, "1700000000000"].map((time) =>
				JSON.stringify({ retCode: 10016, retMsg: "", time }),
			),
		];
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			now: () => 1_700_000_005_000,
			fetch: async () => new Response(bodies.shift()),
		});
		for (const kind of ["clock", ...bodies.slice(1).map(() => "unknown-outcome")]) {
			expect((await failure(http.queryDcp())).kind).toBe(kind);
			expect(http.skew).toEqual({ aheadMs: 5_000, plusMinusMs: 0 });
		}
	});

	it("BybitHttp estimates the venue's clock anew after a refused timestamp, even if an older sample had a shorter round trip", async () => {
		const { venue, fetch } = startHttp();
		let delayMs = 0;
		let slow = false;
		const http = createBybitHttp({
			apiKey,
			apiSecret,
			now: () => Date.now() + delayMs,
			fetch: async (input, init) => {
				const reply = await fetch(input, init);
				if (slow) delayMs += 100;
				return reply;
			},
		});
		await http.queryDcp();
		slow = true;
		venue.faults["skew"]?.({ ms: -60_000 });
		expect((await failure(http.queryDcp())).kind).toBe("clock");
		await http.queryDcp();
	});

	it("the venue accepts a timestamp that is 999 ms ahead of its clock and refuses one that is 1 000 ms ahead", async () => {
		const { venue, http, fetch } = startHttp();
		venue.faults["skew"]?.({ ms: -1_299 });
		await http.queryDcp();
		venue.faults["skew"]?.({ ms: -1_300 });
		const fresh = createBybitHttp({ apiKey, apiSecret, fetch });
		expect((await failure(fresh.queryDcp())).skewMs).toBe(1_000);
	});

	it.each([
		[1_755_542_601_897, 1_755_542_600_895, 1_002],
		[1_683_929_882_141, 1_683_929_880_902, 1_239],
		[1_678_623_600_260, 1_678_623_606_869, -6_609],
		[1_706_972_576_658, 1_706_972_587_026, -10_368],
	])(
		"skewMs of an error is the request time minus the server time, both read from the venue's text: %i - %i = %i ms",
		async (sent, server, skewMs) => {
			const retMsg = `invalid request, please check your server timestamp or recv_window param. req_timestamp[${sent}],server_timestamp[${server}],recv_window[5000]`;
			const error = await failure(
				answered(JSON.stringify({ retCode: 10002, retMsg, result: {}, retExtInfo: {} })).queryDcp(),
			);
			expect(error.skewMs).toBe(skewMs);
			expect(error.message).toContain(skewMs > 0 ? `${skewMs} ms ahead of` : `${-skewMs} ms behind`);
		},
	);

	it("serverNow() returns the time of this machine's clock after forgetSkew() has been called, until the next reply", async () => {
		const { venue, http } = startHttp({ skewMs: 4_000 });
		await http.serverTime();
		expect(http.serverNow()).toBe(Date.now() + 4_000);
		http.forgetSkew();
		expect([http.serverNow(), http.skew]).toEqual([Date.now(), undefined]);
		venue.faults["skew"]?.({ ms: -4_000 });
		await http.serverTime();
		expect(http.serverNow()).toBe(Date.now() - 4_000);
	});
});
