import { describe, expect, it, vi } from "vitest";
import { advanceWithPings, failure, start, timed, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

describe("the mode of a Bybit account", () => {
	it("protection.scope and the result of close() name a unified account 1.0, because its inverse orders are not covered", async () => {
		const { session, signal } = start({ accountMode: "uta1" }, { products: ["DERIVATIVES", "SPOT"] });
		const scope = "DERIVATIVES without inverse (a unified account 1.0), SPOT";
		expect((await session.open(signal)).protection).toMatchObject({ state: "armed", scope });
		expect((await session.close("cancel")).detail).toContain(`cancels ${scope} orders by`);
	});

	it("a session of a classic account is never armed, and its error asks a person to upgrade the account", async () => {
		const { session, signal } = start({ accountMode: "classic" });
		expect(await failure(session.open(signal))).toMatchObject({
			message: expect.stringMatching(/cancels nothing on a classic account/),
			disposition: { action: "human", todo: expect.stringMatching(/Upgrade the account/) },
		});
	});

	it("a session of a classic account reports unarmed at every beat() once it has read the account mode, and close() reports the orders as kept", async () => {
		const { session, signal, inject } = start({ accountMode: "classic" });
		inject("force", { path: "/account/info", status: 404, body: "Not Found" });
		await session.open(signal);
		await advanceWithPings(session, 60_000);
		const unarmed = { state: "unarmed", reason: expect.stringMatching(/on a classic account/) };
		for (let beats = 0; beats < 13; beats += 1) {
			expect((await session.beat(signal)).protection).toEqual(unarmed);
			expect(() => session.requireArmed()).toThrow(/the protection is unarmed: .* on a classic account/);
			expect(session.evidence.configurationAt).toBeNull();
			await vi.advanceTimersByTimeAsync(5_000);
		}
		expect(await session.close("keep")).toEqual({
			orders: "kept",
			detail: "Bybit: Disconnection Protect cancels nothing on a classic account: the orders stay open.",
		});
	});

	it("open() reads the mode of a classic account again, because the account may have been upgraded", async () => {
		const { session, signal, inject } = start();
		inject("force", { path: "/account/info", body: '{"retCode":0,"retMsg":"OK","result":{"unifiedMarginStatus":1}}' });
		expect((await failure(session.open(signal))).disposition.action).toBe("human");
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("an account mode that could not be read is reported as not known, and the next query of the configuration reads it again", async () => {
		const { session, signal, inject, venue } = start();
		inject("force", { path: "/account/info", status: 404, body: "Not Found" });
		expect((await session.open(signal)).protection).toMatchObject({
			scope: "DERIVATIVES, perhaps without inverse (the account's mode is not known)",
		});
		await advanceWithPings(session, 60_000);
		expect((await session.beat(signal)).protection).toMatchObject({ scope: "DERIVATIVES" });
		await advanceWithPings(session, 60_000);
		await session.beat(signal);
		const reads = venue.received.filter((got) => got.kind === "http" && got.path.endsWith("/account/info"));
		expect(reads).toHaveLength(2);
	});
});

describe("a cancel window that Bybit reports before it is in force", () => {
	it("a session does not rely on the reported cancel window for ten seconds after open() has set it", async () => {
		const { session, signal, venue } = start({ windowSeconds: 60, shownWhileSettling: "new" });
		const { value, tookMs } = await timed(session.open(signal));
		expect([value.protection.state, tookMs]).toEqual(["armed", 10_000]);
		expect(venue.truth().DERIVATIVES.windowSeconds).toBe(10);
	});

	it("a session is armed ten seconds after an earlier, aborted open() has set the cancel window", async () => {
		const { session, signal, venue, link, sets } = start({ windowSeconds: 60, shownWhileSettling: "new" });
		const cut = new AbortController();
		const opening = failure(session.open(cut.signal));
		await vi.advanceTimersByTimeAsync(4_000);
		cut.abort(new Error("cut"));
		await opening;
		const { value, tookMs } = await timed(session.open(signal));
		expect([value.protection.state, tookMs, sets()]).toEqual(["armed", 6_000, 1]);
		expect([venue.truth().DERIVATIVES.windowSeconds, link.connections]).toEqual([10, 1]);
	});

	it("a session is armed ten seconds after it has set its cancel window again between two beats", async () => {
		const { session, signal, venue, inject } = start({ shownWhileSettling: "new" }, { verifyEveryMs: 5_000 });
		await session.open(signal);
		inject("setWindow", { product: "DERIVATIVES", seconds: 300 });
		await vi.advanceTimersByTimeAsync(5_000);
		expect((await session.beat(signal)).protection.state).toBe("unknown");
		for (let seconds = 1; seconds < 10; seconds += 1) {
			await vi.advanceTimersByTimeAsync(1_000);
			expect((await session.beat(signal)).protection).toMatchObject({ state: "unknown", reason: /set a moment ago/ });
			expect(() => session.requireArmed()).toThrow(/set a moment ago/);
		}
		expect(venue.truth().DERIVATIVES.windowSeconds).toBe(300);
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await session.beat(signal)).protection.state).toBe("armed");
		expect(venue.truth().DERIVATIVES.windowSeconds).toBe(10);
	});

	it("close() reports the longer of the old and the new cancel window while the new one may not be in force yet", async () => {
		const { session, signal, venue, inject } = start({ shownWhileSettling: "new" }, { verifyEveryMs: 5_000 });
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		inject("setWindow", { product: "DERIVATIVES", seconds: 60 });
		await vi.advanceTimersByTimeAsync(5_000);
		await session.beat(signal);
		const { value } = await timed(session.close("cancel"));
		expect(value).toMatchObject({ orders: "cancelled", withinMs: 61_000 });
		await vi.advanceTimersByTimeAsync(59_998);
		expect(venue.orders()[0]?.state).toBe("open");
		await vi.advanceTimersByTimeAsync(2);
		expect(venue.orders()[0]?.state).toBe("cancelled");
	});
});

it("a BybitSession queries a configuration that does not protect the orders at most once a second, however often beat() is called", async () => {
	const { session, signal, inject, queries } = start({}, { pingMs: 100, verifyEveryMs: 1_000 });
	await session.open(signal);
	inject("ignoreSet", { on: true });
	inject("setWindow", { product: "DERIVATIVES", seconds: 60 });
	await vi.advanceTimersByTimeAsync(1_000);
	const before = queries();
	for (let beats = 0; beats < 50; beats += 1) {
		expect((await session.beat(signal)).protection.state).toBe("unknown");
		await vi.advanceTimersByTimeAsync(100);
	}
	expect(queries() - before).toBe(5);
});
