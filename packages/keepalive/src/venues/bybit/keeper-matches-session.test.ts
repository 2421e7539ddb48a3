import { neverAborted, sleep } from "@x/base/clock";
import { memoryFetch } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import { silentLogger } from "../../logger.ts";
import { type BybitSession, bybit } from "./index.ts";
import { clientOf, type SomeOptions, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

/** Starts a keeper with one session; `isArmed()` also asserts that the keeper and the session give the same answer. */
async function kept(options: SomeOptions = {}) {
	const started = start({}, options);
	const records: StatusRecord[] = [];
	const keeper = keepalive([started.session], { random: () => 0.5 });
	keeper.onStatus((record) => records.push(record));
	await vi.advanceTimersByTimeAsync(100);
	const isArmed = (): boolean => {
		let isArmedBySession = true;
		try {
			started.session.requireArmed();
		} catch {
			isArmedBySession = false;
		}
		expect(keeper.isArmed("bybit")).toBe(isArmedBySession);
		return isArmedBySession;
	};
	const reason = (): string | undefined => {
		const { status } = keeper.current("bybit");
		return status.state === "alive" && "reason" in status.protection ? status.protection.reason : undefined;
	};
	const stop = async (): Promise<void> => {
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(11_000);
		await stopping;
	};
	return { ...started, keeper, records, isArmed, reason, stop };
}

it("during an outage of one minute and after it, keeper and session always agree whether the orders are protected", async () => {
	const { link, inject, isArmed, stop, keeper } = await kept();
	inject("place", { product: "DERIVATIVES" });
	expect(isArmed()).toBe(true);
	inject("refuse", { auth: "Params Error" });
	link.drop();
	for (let elapsedMs = 0; elapsedMs < 180_000; elapsedMs += 250) {
		await vi.advanceTimersByTimeAsync(250);
		if (elapsedMs === 60_000) inject("refuse", { auth: null });
		isArmed();
	}
	expect([keeper.current("bybit").status.state, isArmed()]).toEqual(["alive", true]);
	await stop();
});

it("keeper and session report armed after an outage of one minute only when the session has read the orders that the venue may have cancelled", async () => {
	const { link, inject, isArmed, stop, keeper, reason, session } = await kept();
	inject("place", { product: "DERIVATIVES" });
	inject("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(60_000);
	inject("refuse", { auth: null });
	inject("force", { path: "/realtime", retCode: 10016, times: 2 });
	const states: [boolean, string | undefined][] = [];
	for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 100) {
		await vi.advanceTimersByTimeAsync(100);
		if (keeper.current("bybit").status.state === "alive") states.push([isArmed(), reason()]);
	}
	expect(states[0]).toEqual([
		false,
		expect.stringMatching(/orders may have been cancelled .* not been read yet: .*10016/),
	]);
	expect(states.at(-1)).toEqual([true, undefined]);
	expect(session.recovery.losses).toMatchObject([{ orders: { open: [], cancelledByDcp: [{}] } }]);
	await stop();
});

/** Each event changes the result of the session's notArmedReason() between two calls of beat(), which are 10 s apart in this test. */
it.each<[string, (started: Awaited<ReturnType<typeof kept>>) => unknown, RegExp]>([
	[
		"another topic is subscribed over the handle",
		({ session }) => session.handle?.subscribe("order"),
		/also subscribed to order/,
	],
	[
		"the venue refuses a dcp topic over the handle",
		async ({ session, inject }) => {
			inject("refuse", { subscribe: "no" });
			await session.handle?.subscribeDcp("DERIVATIVES").catch(() => undefined);
		},
		/not subscribed to dcp\.future any more/,
	],
])("the keeper publishes at once that %s", async (_, act, text) => {
	const started = await kept();
	const { records, isArmed, keeper, stop } = started;
	const before = records.length;
	await act(started);
	expect(records.slice(before)).toMatchObject([
		{ status: { state: "alive", protection: { state: "unknown", reason: expect.stringMatching(text) } } },
	]);
	expect([isArmed(), keeper.isArmed("bybit")]).toEqual([false, false]);
	await stop();
});

it("the keeper publishes a session as lost as soon as its connection ends or a pong is missed", async () => {
	for (const cut of ["drop", "halfOpen"] as const) {
		const { records, isArmed, link, stop } = await kept();
		link[cut]();
		await vi.advanceTimersByTimeAsync(cut === "drop" ? 0 : 13_000);
		expect(records.map(({ status }) => status.state)).toContain("lost");
		expect(isArmed()).toBe(false);
		await stop();
	}
});

it("the keeper publishes at once that Disconnection Protect is off, although the venue's answer came only after the beat() that had sent the query", async () => {
	const { link, inject } = start();
	let answeredAt = 0;
	const fetch: typeof globalThis.fetch = async (...args) => {
		const reply = await memoryFetch(link)(...args);
		if (answeredAt === 0) return reply;
		await new Promise((resolve) => setTimeout(resolve, 1_850));
		if (answeredAt === 1) answeredAt = Date.now();
		return reply;
	};
	const session = bybit({
		...{ client: { ...clientOf(link), fetch }, products: ["DERIVATIVES"], pingMs: 1_000, verifyEveryMs: 1_000 },
	});
	const keeper = keepalive([session], { random: () => 0.5 });
	await vi.advanceTimersByTimeAsync(100);
	const records: StatusRecord[] = [];
	keeper.onStatus((record) => records.push(record));
	inject("entitle", { product: "DERIVATIVES", enabled: false });
	answeredAt = 1;
	await vi.advanceTimersByTimeAsync(4_000);
	expect(records.slice(1)).toMatchObject([
		{ at: answeredAt, status: { protection: { reason: expect.stringMatching(/unarmed: .* not enabled/) } } },
	]);
	expect(keeper.isArmed("bybit")).toBe(false);
	const stopping = keeper.stop({ orders: "cancel" });
	await vi.advanceTimersByTimeAsync(11_000);
	await stopping;
});

it("the keeper publishes no new record of a session as long as notArmedReason() returns the same text", async () => {
	const { records, session, stop } = await kept();
	const before = records.length;
	await session.handle?.subscribeDcp("DERIVATIVES");
	await vi.advanceTimersByTimeAsync(120_000);
	expect(records.length).toBe(before);
	await stop();
});

it("open() sends one more ping if reading the orders took so long that the last ping is too old, so that the session is alive and armed at once", async () => {
	const { link } = start();
	const slow: typeof fetch = async (...request) => {
		await sleep(2_400, neverAborted);
		return memoryFetch(link)(...request);
	};
	const client = { ...clientOf(link), fetch: slow };
	const keeper = keepalive([bybit({ client, products: ["DERIVATIVES"], verifyEveryMs: 1_000 })]);
	const protections: string[] = [];
	keeper.onStatus(({ status }) => {
		if (status.state === "alive") protections.push(status.protection.state);
	});
	await vi.advanceTimersByTimeAsync(20_000);
	expect(protections[0]).toBe("armed");
	const stopping = keeper.stop({ orders: "cancel" });
	await vi.advanceTimersByTimeAsync(11_000);
	await stopping;
});

/** Collects each reason for not being armed that the session reports to its keeper; undefined each time it is armed again. */
function reasonsTold(session: BybitSession): (string | undefined)[] {
	const told: (string | undefined)[] = [];
	session.attach({
		notArmedReason: () => undefined,
		protectionChanged: () => told.push(session.notArmedReason()),
		logger: silentLogger,
	});
	return told;
}

it("a session tells its keeper at once when a pong makes it armed again", async () => {
	const { session, signal } = start({ windowSeconds: 40 }, { windowSeconds: 40, pingMs: 1_200 });
	const told = reasonsTold(session);
	await session.open(signal);
	await vi.advanceTimersByTimeAsync(5_000);
	expect(session.notArmedReason()).toMatch(/ping is \d+ ms old/);
	told.length = 0;
	await session.beat(signal);
	expect(told).toEqual([undefined]);
	await session.close("cancel");
});

it("a session that reads that another program has shortened the cancel window tells its keeper at once that orders may have been cancelled after an earlier connection loss", async () => {
	const own = { windowSeconds: 30 };
	const { session, signal, inject } = start(own, own);
	const told = reasonsTold(session);
	await session.open(signal);
	inject("setWindow", { product: "DERIVATIVES", seconds: 10 });
	await vi.advanceTimersByTimeAsync(10_000);
	await session.beat(signal);
	inject("loseTopics");
	for (let beats = 0; beats < 4; beats += 1) {
		await vi.advanceTimersByTimeAsync(10_000);
		await session.beat(signal);
	}
	expect(session.recovery.losses).toMatchObject([{ how: "topic", state: "averted" }]);
	told.length = 0;
	await vi.advanceTimersByTimeAsync(10_000);
	await session.beat(signal);
	expect(told).toContainEqual(expect.stringContaining("have not been read yet"));
	expect(session.recovery.losses).toMatchObject([{ how: "topic", state: "assume-fired" }]);
	await session.close("cancel");
});
