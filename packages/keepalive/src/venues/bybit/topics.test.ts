import { expect, it, vi } from "vitest";
import { epoch, failure, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** An open session, and how many subscriptions the venue has been asked for. */
async function opened(verifyEveryMs = 20_000, pingMs = 10_000) {
	const started = start({}, { verifyEveryMs, pingMs });
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

it("the topics are asked for again when their proof is old, and not before; already subscribed proves them", async () => {
	const { session, beatAfter, asked } = await opened();
	await beatAfter(10_000);
	await beatAfter(9_999);
	expect([asked(), session.evidence.subscribedAt]).toEqual([1, epoch]);
	expect((await beatAfter(1)).protection.state).toBe("armed");
	expect([asked(), session.evidence.subscribedAt]).toEqual([2, epoch + 20_000]);
});

it("a venue that lost them without a word has them again within that pace and one beat", async () => {
	const { beatAfter, lever, state } = await opened();
	lever("loseTopics");
	// Pongs go on coming, which is all that a beat alone would see.
	expect((await beatAfter(9_000)).protection.state).toBe("armed");
	expect(state()).toBe("counting");
	await beatAfter(11_000);
	await beatAfter(10_000);
	expect(state()).toBe("armed");
});

it("a refusal makes the protection unknown, with the venue's words, and leaves the connection", async () => {
	const { session, beatAfter, lever, link } = await opened();
	lever("refuse", { subscribe: "Request not authorized" });
	expect((await beatAfter(20_000)).protection).toMatchObject({
		state: "unknown",
		reason: expect.stringMatching(/topics were not acknowledged again: .*Request not authorized/),
	});
	expect(() => session.requireArmed()).toThrow(/not acknowledged again/);
	expect((await failure(session.reconcile())).message).toMatch(/not acknowledged again/);
	lever("refuse", { subscribe: null });
	expect((await beatAfter(10_000)).protection.state).toBe("armed");
	expect(link.connections).toBe(1);
});

it("no answer leaves the last proof standing for a call's deadline, is a doubt then, and is asked again once a second", async () => {
	const { session, signal, lever, asked } = await opened(1_000, 100);
	lever("withhold", { subscribe: true });
	await vi.advanceTimersByTimeAsync(1_000);
	const before = asked();
	const states: string[] = [];
	for (let beats = 0; beats < 60; beats += 1) {
		const beat = session.beat(signal);
		await vi.advanceTimersByTimeAsync(100);
		states.push((await beat).protection.state);
	}
	// A subscription has 2.5 s, and the beat in which that ends tells it.
	expect(states.indexOf("unknown")).toBe(25);
	expect(states.lastIndexOf("armed")).toBe(24);
	expect(asked() - before).toBe(3);
	lever("withhold", { subscribe: false });
	await vi.advanceTimersByTimeAsync(3_000);
	expect((await session.beat(signal)).protection.state).toBe("armed");
});

it("what is known to be off is told as off, whatever is in doubt beside it", async () => {
	const { beatAfter, lever } = await opened();
	lever("refuse", { subscribe: "no" });
	lever("entitle", { product: "DERIVATIVES", enabled: false });
	expect((await beatAfter(20_000)).protection.state).toBe("unarmed");
});
