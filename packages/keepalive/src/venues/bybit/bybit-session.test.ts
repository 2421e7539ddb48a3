import { createHmac } from "node:crypto";
import type { BybitPrivateSocket } from "@x/bybit-dcp";
import { BybitVenue, type BybitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease, Session } from "../../session.ts";
import { isSessionError, type SessionError } from "../../session-error.ts";
import { type BybitSettings, bybit } from "./index.ts";

const apiKey = "planted-key-value";
const apiSecret = "planted-secret-value";
/** Signs in the same tick: real cryptography would not wait for the fake clock. */
const signer = (text: string): string => createHmac("sha256", apiSecret).update(text).digest("hex");
const closers: (() => void)[] = [];
const epoch = 1_794_182_400_000;

function start(venueOptions: BybitVenueOptions = {}, settings: Partial<BybitSettings> = {}) {
	const venue = new BybitVenue({ apiKey, apiSecret, ...venueOptions });
	const link = new Link(venue);
	closers.push(() => link.close());
	const faces = { fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) };
	const session = bybit({ apiKey, signer, products: ["DERIVATIVES"], ...faces, ...settings });
	const lever = (name: string, args: Record<string, unknown> = {}): unknown => venue.levers[name]?.(args);
	const calls = (path: string): number =>
		venue.received.filter((received) => received.kind === "http" && received.path.endsWith(path)).length;
	return {
		venue,
		link,
		session,
		lever,
		signal: new AbortController().signal,
		sets: () => calls("/disconnected-cancel-all"),
		queries: () => calls("/query-dcp-info"),
		state: () => venue.truth().DERIVATIVES.state,
	};
}

async function failure(work: Promise<unknown>): Promise<SessionError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isSessionError(error)) throw new Error(`expected a SessionError, got ${String(error)}`);
	return error;
}

/** Lets the fake clock run until the work is done, and tells how long it took. */
async function timed<T>(work: Promise<T>): Promise<{ value: T; tookMs: number }> {
	const from = Date.now();
	let done = false;
	const watched = work.finally(() => {
		done = true;
	});
	watched.catch(() => undefined);
	for (let step = 0; step < 100_000 && !done; step += 1) await vi.advanceTimersByTimeAsync(1);
	return { value: await watched, tookMs: Date.now() - from };
}

/** Lets time pass with pings over the session's own connection, so that the venue's idle rule leaves it alone. */
async function pass(session: Session<BybitPrivateSocket>, ms: number): Promise<void> {
	for (let left = ms; left > 0; left -= 10_000) {
		await vi.advanceTimersByTimeAsync(Math.min(left, 10_000));
		await session.handle?.ping();
	}
}

beforeEach(() => {
	vi.useFakeTimers({ now: epoch });
});

afterEach(() => {
	for (const close of closers.splice(0)) close();
	vi.useRealTimers();
});

describe("opening", () => {
	it("is armed when the window was right, the topic acknowledged and the ping answered", async () => {
		const { venue, session, signal, state } = start();
		const lease = await session.open(signal);
		expect(lease).toMatchObject({
			ttlMs: 30_000,
			paceMs: 10_000,
			protection: { state: "armed", scope: "DERIVATIVES", exposureMs: 70_000, verifiedAt: epoch },
		});
		expect(state()).toBe("armed");
		expect(venue.truth().SPOT.state).toBe("idle");
		expect(session.handle).toBeDefined();
	});

	it("sets a window that differs, for the product by name, and connects only when it has been read back", async () => {
		const { venue, session, signal, link, sets } = start({ windowSeconds: 60 });
		const opening = session.open(signal);
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.received.at(1)).toMatchObject({ body: '{"product":"DERIVATIVES","timeWindow":10}' });
		expect(link.connections).toBe(0);
		await vi.advanceTimersByTimeAsync(1);
		expect((await opening).protection).toMatchObject({ state: "armed", verifiedAt: epoch + 10_000 });
		expect(sets()).toBe(1);
	});

	it("looks a second time, half as late, at a venue slower than it says", async () => {
		const { session, signal, sets } = start({ windowSeconds: 60, settleMs: 14_000 });
		const { value, tookMs } = await timed(session.open(signal));
		expect(value.protection.state).toBe("armed");
		expect([tookMs, sets()]).toEqual([15_000, 1]);
	});

	it("fails when the venue accepts the window twice and never has it: a success of the set call is not believed", async () => {
		const { session, signal, lever, sets, link, state } = start({ windowSeconds: 60 });
		lever("ignoreSet", { on: true });
		const { value, tookMs } = await timed(failure(session.open(signal)));
		expect(value.disposition).toEqual({ action: "retry" });
		expect(value.message).toMatch(/accepted the window twice and still reads a window of 60 s/);
		expect([tookMs, sets(), link.connections, state()]).toEqual([30_000, 2, 0, "idle"]);
	});

	it.each(["array", "null", "absent"] as const)(
		"asks for a human when the product is not enabled, however the venue says it (%s)",
		async (emptyList) => {
			const { session, signal, sets, link } = start({ enabled: [], emptyList, setWhenNotEnabled: "accept" });
			const error = await failure(session.open(signal));
			expect(error.disposition).toEqual({
				action: "human",
				todo: "Disconnection Protect is not enabled for this account and product (DERIVATIVES): ask your Bybit account manager.",
			});
			expect([sets(), link.connections]).toEqual([0, 0]);
		},
	);

	it("names the one product of several that is not enabled", async () => {
		const { session, signal } = start({ enabled: ["DERIVATIVES", "OPTIONS"] }, { products: ["DERIVATIVES", "SPOT"] });
		const { disposition } = await failure(session.open(signal));
		expect(disposition).toMatchObject({ action: "human", todo: expect.stringContaining("(SPOT)") });
	});

	it("is armed for every product that was asked for", async () => {
		const { venue, session, signal } = start({}, { products: ["OPTIONS", "DERIVATIVES", "SPOT"] });
		expect((await session.open(signal)).protection).toMatchObject({ scope: "OPTIONS, DERIVATIVES, SPOT" });
		expect(Object.values(venue.truth()).map(({ state }) => state)).toEqual(["armed", "armed", "armed"]);
	});

	it.each([
		["auth", 2_500],
		["subscribe", 2_500],
		["pong", 3_000],
	])("fails when the answer to %s does not come, in time for a second attempt within the window", async (kind, ms) => {
		const { session, signal, lever, link } = start();
		lever("withhold", { [kind]: true });
		const { value, tookMs } = await timed(failure(session.open(signal)));
		expect(value.disposition).toEqual({ action: "retry" });
		expect(tookMs).toBe(ms);
		await vi.advanceTimersByTimeAsync(1);
		expect(link.connections).toBe(0);
		expect(session.handle).toBeUndefined();
	});

	it("is not armed by a subscription that was refused, and gives up at a host that is not the private one", async () => {
		const { session, signal, lever } = start();
		lever("refuse", { subscribe: "Request not authorized" });
		expect((await failure(session.open(signal))).disposition).toEqual({ action: "retry" });
		lever("refuse", { subscribe: "wrong-host" });
		expect((await failure(session.open(signal))).disposition).toEqual({ action: "fatal" });
		lever("refuse", { subscribe: "already" });
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("waits out a ban", async () => {
		const { session, signal, lever } = start();
		lever("ban", { forMs: 600_000 });
		expect((await failure(session.open(signal))).disposition).toEqual({ action: "wait", forMs: 600_000 });
	});

	it("goes on after a clock error, since the refusal itself told the venue's clock", async () => {
		const { session, signal, lever } = start();
		lever("skew", { ms: -30_000 });
		const error = await failure(session.open(signal));
		expect(error.disposition).toEqual({ action: "retry" });
		expect(error.message).toMatch(/ahead by 29700 ms/);
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("that is cut off while the venue settles leaves nothing, and the next one finds the window set", async () => {
		const { session, sets, link, signal } = start({ windowSeconds: 60 });
		const cut = new AbortController();
		const opening = failure(session.open(cut.signal));
		await vi.advanceTimersByTimeAsync(5_000);
		cut.abort(new Error("cut"));
		await opening;
		expect(link.connections).toBe(0);
		await vi.advanceTimersByTimeAsync(5_000);
		expect((await session.open(signal)).protection.state).toBe("armed");
		expect(sets()).toBe(1);
	});

	it("that is cut off while connecting leaves no connection that would keep orders alive", async () => {
		const { session, lever, link, state } = start();
		lever("withhold", { pong: true });
		const cut = new AbortController();
		const opening = failure(session.open(cut.signal));
		await vi.advanceTimersByTimeAsync(100);
		expect(state()).toBe("armed");
		cut.abort(new Error("cut"));
		await opening;
		await vi.advanceTimersByTimeAsync(1);
		expect([link.connections, session.handle, state()]).toEqual([0, undefined, "counting"]);
	});
});

describe("a beat", () => {
	async function opened(venueOptions: BybitVenueOptions = {}, settings: Partial<BybitSettings> = {}) {
		const started = start(venueOptions, settings);
		const lease = await started.session.open(started.signal);
		const beatAfter = async (ms: number): Promise<Lease> => {
			await pass(started.session, ms);
			return (await timed(started.session.beat(started.signal))).value;
		};
		return { ...started, lease, beatAfter };
	}

	it("is one ping that was answered, and has the same end signal as the lease before", async () => {
		const { lease, beatAfter, venue } = await opened();
		const next = await beatAfter(10_000);
		expect(next.ended).toBe(lease.ended);
		expect(next.protection).toEqual(lease.protection);
		expect(venue.received.at(-1)).toMatchObject({ kind: "frame", frame: { op: "ping" } });
	});

	it("without a pong is the end of the session at the pong's deadline: the line is half-open and the window may run", async () => {
		const { session, signal, lever } = await opened();
		lever("withhold", { pong: true });
		const { value, tookMs } = await timed(failure(session.beat(signal)));
		expect(value).toMatchObject({ session: "ended", disposition: { action: "retry" } });
		expect(tookMs).toBe(3_000);
	});

	it("reads the configuration back when the proof is sixty seconds old, and not a millisecond before", async () => {
		const { beatAfter, queries } = await opened();
		await beatAfter(59_998);
		expect(queries()).toBe(1);
		expect((await beatAfter(1)).protection).toMatchObject({ state: "armed", verifiedAt: epoch + 60_000 });
		expect(queries()).toBe(2);
	});

	it("says unknown when somebody else changed the window, sets it again without leaving, and is armed when it reads so", async () => {
		const { beatAfter, lever, sets, link, lease, state } = await opened({}, { verifyEveryMs: 20_000 });
		lever("setWindow", { product: "DERIVATIVES", seconds: 300 });
		const changed = (await beatAfter(20_000)).protection;
		expect(changed).toMatchObject({
			state: "unknown",
			reason: expect.stringContaining("a window of 300 s for DERIVATIVES"),
		});
		expect(sets()).toBe(1);
		expect((await beatAfter(9_000)).protection.state).toBe("unknown");
		expect((await beatAfter(1_000)).protection.state).toBe("armed");
		expect([sets(), link.connections, lease.ended?.aborted, state()]).toEqual([1, 1, false, "armed"]);
	});

	it("does not fight: a window that comes back different is set once in the time between two proofs", async () => {
		const { beatAfter, lever, sets } = await opened({}, { verifyEveryMs: 60_000 });
		lever("ignoreSet", { on: true });
		lever("setWindow", { product: "DERIVATIVES", seconds: 300 });
		for (let beats = 0; beats < 18; beats += 1) {
			const { protection } = await beatAfter(9_999);
			if (beats >= 6) expect(protection.state).toBe("unknown");
		}
		expect(sets()).toBe(2);
	});

	it("says unarmed when the product is no longer enabled, and comes back by itself", async () => {
		const { beatAfter, lever, lease } = await opened();
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		expect((await beatAfter(60_000)).protection).toEqual({
			state: "unarmed",
			reason: "Disconnection Protect is not enabled for DERIVATIVES",
		});
		lever("entitle", { product: "DERIVATIVES", enabled: true });
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
		expect(lease.ended?.aborted).toBe(false);
	});

	it.each([
		["an error of the venue", { retCode: 10016, retMsg: "System error. Please try again later." }],
		["a key that expired", { retCode: 33004, retMsg: "expired" }],
		["a page that is no reply", { status: 502, body: "<html>" }],
		["a reply of another form", { body: '{"retCode":0,"result":{"dcpInfos":[{"product":"DERIVATIVES"}]}}' }],
	])("that works while reading back gives %s says unknown, and asks again at the next", async (_, force) => {
		const { beatAfter, lever, queries } = await opened();
		lever("force", force);
		expect((await beatAfter(60_000)).protection.state).toBe("unknown");
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
		expect(queries()).toBe(3);
	});

	it("that works while HTTP hangs says unknown within its own time", async () => {
		const { session, signal, lever } = await opened();
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		const { value, tookMs } = await timed(session.beat(signal));
		expect(value.protection.state).toBe("unknown");
		expect(tookMs).toBe(3_000);
	});

	it("asks nothing of a venue that banned the address until the ban is over, and is not armed meanwhile", async () => {
		const { beatAfter, lever, queries } = await opened();
		lever("ban", { forMs: 600_000 });
		expect((await beatAfter(60_000)).protection.state).toBe("unknown");
		for (let beats = 0; beats < 59; beats += 1) expect((await beatAfter(10_000)).protection.state).toBe("unknown");
		expect(queries()).toBe(2);
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
	});

	it("after the connection has ended says so, and the lease said it before", async () => {
		const { session, signal, link, lease } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect(lease.ended?.reason).toMatchObject({ session: "ended", disposition: { action: "retry" } });
		expect(await failure(session.beat(signal))).toMatchObject({ session: "ended", disposition: { action: "retry" } });
	});

	it("before any open says that there is nothing", async () => {
		const { session, signal } = start();
		expect(await failure(session.beat(signal))).toMatchObject({ session: "ended" });
	});
});

describe("opening again", () => {
	it("stops the countdown without a single HTTP call while the proof is young, and the orders live", async () => {
		const { venue, link, session, signal, lever, queries, state } = start();
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		link.drop();
		await vi.advanceTimersByTimeAsync(9_999);
		expect(state()).toBe("counting");
		expect((await session.open(signal)).protection).toMatchObject({ state: "armed", verifiedAt: epoch });
		expect([state(), queries()]).toEqual(["armed", 1]);
		await pass(session, 60_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("races the window past an HTTP side that hangs: connected first, unknown until it is read back", async () => {
		const { venue, link, session, signal, lever, state } = start();
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		link.drop();
		const { value, tookMs } = await timed(session.open(signal));
		expect(value.protection.state).toBe("unknown");
		expect([tookMs, state()]).toEqual([3_000, "armed"]);
		await pass(session, 10_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		lever("withhold", { reply: false });
		expect((await session.beat(signal)).protection.state).toBe("armed");
	});

	it("after a sleep that stopped the monotonic clock reads the configuration back before it says armed", async () => {
		const { session, signal, link, queries, lever } = start();
		await session.open(signal);
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		vi.setSystemTime(epoch + 3_600_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.open(signal)).protection.state).toBe("unarmed");
		expect(queries()).toBe(2);
	});

	it("that is cut off while the configuration is read back leaves no connection", async () => {
		const { session, signal, link, lever } = start();
		await session.open(signal);
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		link.drop();
		const cut = new AbortController();
		const opening = failure(session.open(cut.signal));
		await vi.advanceTimersByTimeAsync(1_000);
		expect(link.connections).toBe(1);
		cut.abort(new Error("cut"));
		await opening;
		await vi.advanceTimersByTimeAsync(1);
		expect([link.connections, session.handle]).toEqual([0, undefined]);
	});

	it("gives up the earlier connection only when the new one counts, so that no countdown starts", async () => {
		const { venue, session, signal, link } = start();
		const first = await session.open(signal);
		const states: string[] = [];
		const watch = setInterval(() => states.push(venue.truth().DERIVATIVES.state), 1);
		const second = (await timed(session.open(signal))).value;
		await vi.advanceTimersByTimeAsync(5);
		clearInterval(watch);
		expect(new Set(states)).toEqual(new Set(["armed"]));
		expect([first.ended?.aborted, second.ended?.aborted, link.connections]).toEqual([true, false, 1]);
	});

	it("that fails gives up the earlier connection as well", async () => {
		const { session, signal, link, lever } = start();
		await session.open(signal);
		lever("refuse", { auth: "Params Error" });
		await failure(session.open(signal));
		await vi.advanceTimersByTimeAsync(1);
		expect([link.connections, session.handle]).toEqual([0, undefined]);
	});
});

describe("the exposure that is published", () => {
	it.each([0, 1, 4_999, 9_999])("holds for a network that dies %i ms after a ping", async (afterPingMs) => {
		const { venue, session, signal, link, lever } = start();
		const lease = await session.open(signal);
		// Past one scan, so that the death falls where detection takes longest.
		for (let beats = 0; beats < 4; beats += 1) {
			await vi.advanceTimersByTimeAsync(10_000);
			await session.beat(signal);
		}
		lever("place", { product: "DERIVATIVES" });
		await vi.advanceTimersByTimeAsync(afterPingMs);
		const diedAt = Date.now();
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(120_000);
		const [order] = venue.orders();
		expect(order?.cancelReason).toBe("CancelByDCP");
		const livedMs = (order?.cancelledAt ?? Number.NaN) - diedAt;
		expect(livedMs).toBeLessThanOrEqual(lease.protection.state === "armed" ? lease.protection.exposureMs : 0);
		expect(livedMs).toBeGreaterThan(10_000);
	});
});

describe("leaving", () => {
	async function opened(settings: Partial<BybitSettings> = {}) {
		const started = start({}, settings);
		await started.session.open(started.signal);
		started.lever("place", { product: "DERIVATIVES" });
		return started;
	}

	it("with cancel says when, and the venue keeps the word to the millisecond", async () => {
		const { venue, session } = await opened();
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 10_000 });
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "CancelByDCP" }]);
	});

	it("with keep is refused in words, since no call disarms", async () => {
		const { session, state } = await opened();
		const closed = await session.close("keep");
		expect(closed).toMatchObject({
			orders: "refused",
			detail: expect.stringMatching(/no call disarms.*cancelled within 10 s/),
		});
		expect(state()).toBe("counting");
		expect(await session.close("cancel")).toBe(closed);
	});

	it("over a half-open line promises no more than the whole exposure", async () => {
		const { venue, session, link } = await opened();
		link.halfOpen();
		const { value } = await timed(session.close("cancel"));
		expect(value).toMatchObject({ orders: "cancelled", withinMs: 70_000 });
		await vi.advanceTimersByTimeAsync(70_000);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it("while others keep the account alive can promise neither", async () => {
		const { session, signal } = await opened({ othersKeepAlive: true });
		expect((await session.beat(signal)).protection).toMatchObject({ scope: "DERIVATIVES, once every keeper is gone" });
		expect((await session.close("cancel")).orders).toBe("refused");
		await session.open(signal);
		expect((await session.close("keep")).orders).toBe("unknown");
	});

	it("a protection that was not proved promises no cancel", async () => {
		const { session, signal, lever } = await opened();
		lever("force", { retCode: 10016 });
		await pass(session, 60_000);
		await session.beat(signal);
		expect((await session.close("cancel")).orders).toBe("unknown");
	});

	it("a product that is no longer enabled keeps its orders, and cancels none", async () => {
		const { session, signal, lever } = await opened();
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		await pass(session, 60_000);
		await session.beat(signal);
		expect((await session.close("keep")).orders).toBe("kept");
	});

	it("a product of which it is not known any longer that it is not enabled promises to keep nothing", async () => {
		const { session, signal, lever } = await opened();
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		await pass(session, 60_000);
		await session.beat(signal);
		lever("force", { retCode: 10016 });
		await session.beat(signal);
		expect((await session.close("keep")).orders).toBe("refused");
	});

	it("a connection that was lost already, or none, is unknown", async () => {
		const { session, link } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.close("cancel")).orders).toBe("unknown");
		expect((await start().session.close("keep")).orders).toBe("unknown");
	});

	it("while opening throws the opening's result away", async () => {
		const { session, lever, link, signal } = start();
		lever("withhold", { pong: true });
		const opening = failure(session.open(signal));
		await vi.advanceTimersByTimeAsync(100);
		await session.close("cancel");
		lever("say", { text: '{"req_id":"3","op":"pong"}' });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await opening).toMatchObject({ session: "ended" });
		expect([session.handle, link.connections]).toEqual([undefined, 0]);
	});
});
