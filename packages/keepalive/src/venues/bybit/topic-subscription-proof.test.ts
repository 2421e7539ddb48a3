import { bybitProducts, bybitTopicOf } from "@x/bybit-dcp";
import { memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { bybit } from "./index.ts";
import { clientOf, epoch, type SomeOptions, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

/** Opens a session, and counts the subscribe requests that it has sent. */
async function opened(verifyEveryMs = 20_000, pingMs = 10_000, options: SomeOptions = {}) {
	const started = start({}, { verifyEveryMs, pingMs, ...options });
	await started.session.open(started.signal);
	const beatAfter = async (ms: number) => {
		await vi.advanceTimersByTimeAsync(ms);
		return started.session.beat(started.signal);
	};
	const asked = (): number =>
		started.venue.received.filter((got) => got.kind === "frame" && (got.frame as { op: string }).op === "subscribe")
			.length;
	return { ...started, beatAfter, asked };
}

it('beat() subscribes the topics again when their last acknowledgement is old, and accepts the answer "already subscribed" as a proof', async () => {
	const { session, beatAfter, asked } = await opened();
	// The topics are checked again after half the cancel window.
	await beatAfter(4_999);
	expect([asked(), session.evidence.subscribedAt]).toEqual([2, epoch]);
	expect((await beatAfter(1)).protection.state).toBe("armed");
	expect([asked(), session.evidence.subscribedAt]).toEqual([3, epoch + 5_000]);
});

it("beat() restores topics that the venue has silently lost, at most verifyEveryMs plus one beat interval later", async () => {
	const { beatAfter, inject, state } = await opened();
	inject("loseTopics");
	// The venue has lost the topics but still answers pings, and an ordinary beat checks only the pong.
	expect((await beatAfter(4_000)).protection.state).toBe("armed");
	expect(state()).toBe("counting");
	await beatAfter(16_000);
	await beatAfter(10_000);
	expect(state()).toBe("armed");
});

it.each(bybitProducts)(
	"beat() subscribes the topic of %s again on the same connection when the venue has lost only this topic",
	async (product) => {
		const { session, beatAfter, venue, inject } = await opened(20_000, 10_000, {
			products: ["DERIVATIVES", "SPOT", "OPTIONS"],
		});
		const states = (): string[] => Object.values(venue.truth()).map(({ state }) => state);
		const { handle } = session;
		inject("loseTopics", { topic: bybitTopicOf(product) });
		expect(venue.truth()[product].state).toBe("counting");
		await beatAfter(9_000);
		await beatAfter(11_000);
		await beatAfter(10_000);
		expect([states(), session.handle === handle]).toEqual([["armed", "armed", "armed"], true]);
	},
);

it("a refused subscription makes the protection unknown, with a reason that quotes the venue, and keeps the connection", async () => {
	const { session, beatAfter, inject, link } = await opened();
	inject("refuse", { subscribe: "Request not authorized" });
	expect((await beatAfter(20_000)).protection).toMatchObject({
		state: "unknown",
		reason: expect.stringMatching(/topics were not acknowledged again: .*Request not authorized/),
	});
	expect(() => session.requireArmed()).toThrow(/not acknowledged again/);
	inject("refuse", { subscribe: null });
	expect((await beatAfter(10_000)).protection.state).toBe("armed");
	expect(link.connections).toBe(1);
});

it("an unanswered subscription makes the protection unknown after callTimeoutMs, and is repeated once a second", async () => {
	const { session, signal, inject, asked } = await opened(1_000, 100);
	inject("withhold", { subscribe: true });
	await vi.advanceTimersByTimeAsync(1_000);
	const before = asked();
	const states: string[] = [];
	for (let beats = 0; beats < 60; beats += 1) {
		const beat = session.beat(signal);
		await vi.advanceTimersByTimeAsync(100);
		states.push((await beat).protection.state);
	}
	// The subscribe request times out after 2.5 s, and the beat() that is due then reports unknown.
	expect(states.indexOf("unknown")).toBe(25);
	expect(states.lastIndexOf("armed")).toBe(24);
	expect(asked() - before).toBe(3);
	inject("withhold", { subscribe: false });
	await vi.advanceTimersByTimeAsync(3_000);
	expect((await session.beat(signal)).protection.state).toBe("armed");
});

it("beat() reports unarmed if Disconnection Protect is off for the product, even if the topics are not acknowledged", async () => {
	const { beatAfter, inject } = await opened();
	inject("refuse", { subscribe: "no" });
	inject("entitle", { product: "DERIVATIVES", enabled: false });
	expect((await beatAfter(20_000)).protection.state).toBe("unarmed");
});

it("after a topic was lost, `provedAt` in session.recovery is the time of the topic's last acknowledgement, and the session reads the orders", async () => {
	const { session, signal, venue, inject, beatAfter } = await opened();
	inject("place", { product: "DERIVATIVES" });
	await beatAfter(10_000);
	// The venue has answered "already subscribed" before. So if it now answers with a plain success, it had lost the topic.
	await beatAfter(10_000);
	const acknowledgedAt = session.evidence.subscribedAt;
	inject("loseTopics");
	await beatAfter(10_000);
	expect(venue.orders()[0]?.state).toBe("cancelled");
	expect(session.notArmedReason()).toMatch(/orders may have been cancelled/);
	await vi.advanceTimersByTimeAsync(0);
	await session.beat(signal);
	await vi.advanceTimersByTimeAsync(0);
	expect(session.recovery.losses).toMatchObject([
		{ how: "topic", state: "assume-fired", provedAt: acknowledgedAt, orders: { cancelledByDcp: [{}] } },
	]);
	expect(session.notArmedReason()).toBeUndefined();
});

it("session.recovery also lists a lost topic if the venue loses it before the session repeats the subscription for the first time on its connection", async () => {
	const { session, signal, venue, link, inject, beatAfter } = await opened();
	for (const connection of [1, 2]) {
		if (connection === 2) {
			link.drop();
			await vi.advanceTimersByTimeAsync(1);
			await session.open(signal);
			expect(session.notArmedReason()).toBeUndefined();
		}
		inject("place", { product: "DERIVATIVES" });
		inject("loseTopics");
		await beatAfter(10_000);
		expect(venue.orders().map(({ state }) => state)).not.toContain("open");
		await beatAfter(10_000);
		expect(session.notArmedReason()).toMatch(/orders may have been cancelled/);
		await vi.advanceTimersByTimeAsync(0);
		await session.beat(signal);
		await vi.advanceTimersByTimeAsync(0);
		expect(session.recovery.losses.at(-1)).toMatchObject({ how: "topic", orders: { cancelledByDcp: [{}] } });
	}
});

it("a session with default options subscribes a lost topic again, early enough to prevent the cancel", async () => {
	const { session, signal, venue, inject } = start({}, { pingMs: 1_200 });
	await session.open(signal);
	inject("place", { product: "DERIVATIVES" });
	inject("loseTopics");
	for (let beats = 0; beats < 50; beats += 1) {
		await vi.advanceTimersByTimeAsync(1_200);
		await session.beat(signal);
	}
	expect([venue.orders()[0]?.state, session.notArmedReason()]).toEqual(["open", undefined]);
	expect(session.recovery.losses).toMatchObject([{ how: "topic", state: "averted" }]);
});

it("a session pings right after it has subscribed a lost topic again, because only this ping prevents the cancel", async () => {
	const slow = { windowSeconds: 40, maxActiveTimeSeconds: 60, pingMs: 20_000 } as const;
	const { session, signal, venue, inject } = start({ windowSeconds: 40 }, slow);
	await session.open(signal);
	for (let beats = 0; beats < 2; beats += 1) {
		await vi.advanceTimersByTimeAsync(18_000);
		await session.beat(signal);
	}
	inject("place", { product: "DERIVATIVES" });
	// The topics are lost in 9 s, and subscribed again 27 s after that. Without the extra ping, the next ping would come 45 s
	// after the loss, which is later than the cancel window of 40 s.
	await vi.advanceTimersByTimeAsync(9_000);
	inject("loseTopics");
	for (let beats = 0; beats < 4; beats += 1) {
		await vi.advanceTimersByTimeAsync(beats === 0 ? 9_000 : 18_000);
		await session.beat(signal);
	}
	expect([venue.orders()[0]?.state, session.notArmedReason()]).toEqual(["open", undefined]);
	expect(session.recovery.losses).toMatchObject([{ how: "topic", state: "averted" }]);
});

it("a session whose topic the venue has lost is not armed until a ping after the new subscription is answered", async () => {
	const { session, signal, venue, inject } = start({}, { verifyEveryMs: 20_000 });
	let changes: unknown[] = [];
	session.attach({
		notArmedReason: () => session.notArmedReason(),
		protectionChanged: () => changes.push(session.notArmedReason()),
		logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
	});
	await session.open(signal);
	await vi.advanceTimersByTimeAsync(2_000);
	await session.beat(signal);
	inject("loseTopics");
	await vi.advanceTimersByTimeAsync(6_000);
	// The venue answers the ping with which beat() begins, but not the ping after the new subscription.
	const { received } = venue;
	const pinged = received.length;
	const beat = session.beat(signal).catch(() => undefined);
	for (
		let step = 0;
		step < 50 && !received.slice(pinged).some((got) => JSON.stringify(got).includes("dcp.future"));
		step += 1
	) {
		await Promise.resolve();
	}
	inject("withhold", { pong: true });
	changes = [];
	await vi.advanceTimersByTimeAsync(500);
	const reason = "the venue had lost a topic, and has answered no ping since the new subscription";
	expect([session.notArmedReason(), changes[0]]).toEqual([reason, reason]);
	inject("withhold", { pong: false });
	await vi.advanceTimersByTimeAsync(20_000);
	await beat;
});

it("session.recovery lists a lost topic even if the venue does not acknowledge another topic during the same beat()", async () => {
	const { link, signal, inject } = start();
	let isSwallowed = false;
	class Swallowing extends memoryWebSocket(link) {
		override send(text: string): void {
			if (!isSwallowed || !text.includes("dcp.spot")) super.send(text);
		}
	}
	const client = { ...clientOf(link), WebSocket: Swallowing };
	const session = bybit({ client, products: ["DERIVATIVES", "SPOT"], pingMs: 10_000 });
	await session.open(signal);
	const beatAfter = async (ms: number): Promise<void> => {
		await vi.advanceTimersByTimeAsync(ms);
		const beat = session.beat(signal);
		await vi.advanceTimersByTimeAsync(8_000);
		await beat;
	};
	await beatAfter(2_000);
	inject("loseTopics", { topic: "dcp.future" });
	isSwallowed = true;
	await beatAfter(10_000);
	isSwallowed = false;
	await beatAfter(2_000);
	expect(session.recovery.losses).toMatchObject([{ how: "topic" }]);
});

it('session.recovery lists no lost topic if the venue never answers "already subscribed"', async () => {
	const { link, signal, state } = start();
	let rewritten = 0;
	class NeverAlready extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (!(event instanceof MessageEvent) || !event.data.includes("already subscribed"))
				return super.dispatchEvent(event);
			rewritten += 1;
			const data = JSON.stringify({ ...JSON.parse(event.data), success: true, ret_msg: "" });
			return super.dispatchEvent(new MessageEvent("message", { data }));
		}
	}
	const client = { ...clientOf(link), WebSocket: NeverAlready };
	const session = bybit({ client, products: ["DERIVATIVES"], pingMs: 10_000, verifyEveryMs: 20_000 });
	await session.open(signal);
	for (let beats = 0; beats < 10; beats += 1) {
		await vi.advanceTimersByTimeAsync(10_000);
		expect((await session.beat(signal)).protection.state).toBe("armed");
	}
	expect([session.recovery.losses, state(), rewritten]).toEqual([[], "armed", 11]);
});
