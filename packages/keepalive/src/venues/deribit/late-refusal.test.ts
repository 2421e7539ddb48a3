import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { deribit } from "./index.ts";
import { clientId, clientSecret, never, useFakeClock } from "./testing/stage.ts";

useFakeClock();

/** Slower than the deadline of a call, and quicker than that of a close. */
const lateMs = 11_000;

it("a login that is refused with 13004 after its deadline is not made again: the next opening stops", async () => {
	const venue = new DeribitVenue();
	const link = new Link(venue);
	let slow = true;
	class Slow extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (!slow || event.type === "open") return super.dispatchEvent(event);
			setTimeout(() => super.dispatchEvent(event), lateMs);
			return true;
		}
	}
	const told: string[] = [];
	const session = deribit({
		clientId,
		clientSecret,
		WebSocket: Slow,
		onUnexpected: ({ type }) => void told.push(type),
	});
	const logins = () => venue.received.filter(({ method }) => method === "public/auth").length;
	link.levers["revoke"]?.({});
	const opening = expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "retry" } });
	await vi.advanceTimersByTimeAsync(25_000);
	await opening;
	expect(told).toEqual(["reply-to-nothing"]);
	await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "fatal" }, cause: { code: 13004 } });
	expect(logins()).toBe(1);
	// Whoever opens it after that has mended the key.
	slow = false;
	link.levers["revoke"]?.({ on: false });
	expect((await session.open(never)).protection.state).toBe("armed");
	await session.close("cancel");
	link.close();
});
