import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A session whose venue's replies about the switch arrive changed. */
function changing(change: (result: Record<string, unknown>) => unknown, options: { scope?: "account" } = {}) {
	const link = new Link(new DeribitVenue());
	class Changed extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (event instanceof MessageEvent && event.data.includes('"enabled"')) {
				const frame = JSON.parse(event.data);
				const data = JSON.stringify({ ...frame, result: change(frame.result) });
				return super.dispatchEvent(new MessageEvent("message", { data }));
			}
			return super.dispatchEvent(event);
		}
	}
	return { link, session: deribit({ clientId, clientSecret, WebSocket: Changed, verifyEveryMs: 0, ...options }) };
}

const lies: [string, (result: Record<string, unknown>) => unknown][] = [
	["says nothing of enabled", ({ scope }) => ({ scope })],
	["says nothing of the scope", ({ enabled }) => ({ enabled })],
	[
		"is about the other scope",
		(result) => ({ ...result, scope: result["scope"] === "account" ? "connection" : "account" }),
	],
	["is about a scope nobody has heard of", (result) => ({ ...result, scope: "session" })],
	["has the text true", (result) => ({ ...result, enabled: "true" })],
	["has the number 1", (result) => ({ ...result, enabled: 1 })],
	["is an ok", () => "ok"],
	["is empty", () => ({})],
	["is null", () => null],
];

it.each(lies)("an answer that %s is no proof: the session does not open", async (_, change) => {
	for (const options of [{}, { scope: "account" } as const]) {
		const { session, link } = changing(change, options);
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "retry" } });
		await vi.advanceTimersByTimeAsync(0);
		expect(link.connections).toBe(0);
		link.close();
	}
});

it.each(lies)("an answer that %s is no proof: an open session says unknown", async (_, change) => {
	let honest = true;
	const { session, link } = changing((result) => (honest ? result : change(result)));
	expect((await session.open(never)).protection.state).toBe("armed");
	honest = false;
	expect((await session.beat(never)).protection.state).toBe("unknown");
	expect(await session.close("cancel")).toMatchObject({ orders: "unknown" });
	link.close();
});

it("a close that the venue may not have seen is given the time of a dead network", async () => {
	const link = new Link(new DeribitVenue());
	class Unheard extends memoryWebSocket(link) {
		override close(): void {
			// Lost on the way.
		}
	}
	const session = deribit({ clientId, clientSecret, WebSocket: Unheard });
	await session.open(never);
	const closing = session.close("cancel");
	await vi.advanceTimersByTimeAsync(3_000);
	expect(await closing).toMatchObject({ orders: "cancelled", withinMs: 69_000 });
	link.close();
});
