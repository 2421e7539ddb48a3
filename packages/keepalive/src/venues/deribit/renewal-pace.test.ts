import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { deribit } from "./index.ts";
import { RenewalPace } from "./renewal-pace.ts";
import { clientId, clientSecret, never, useFakeClock } from "./testing/stage.ts";

useFakeClock();

type Reply = Record<string, unknown>;

/** A session that is open, and whose replies with tokens, or to reading the switch back, arrive as errors from then on. */
async function refusing(refused: { auth?: number; readBack?: number }) {
	let on = false;
	const venue = new DeribitVenue();
	const link = new Link(venue);
	const change = ({ result, ...reply }: Reply): Reply => {
		const has = (member: string): boolean => typeof result === "object" && result !== null && member in result;
		const code = has("access_token") ? refused.auth : has("enabled") ? refused.readBack : undefined;
		return on && code !== undefined ? { ...reply, error: { code, message: "no" } } : { result, ...reply };
	};
	class Changed extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (!(event instanceof MessageEvent)) return super.dispatchEvent(event);
			const data = JSON.stringify(change(JSON.parse(event.data)));
			return super.dispatchEvent(new MessageEvent("message", { data }));
		}
	}
	const session = deribit({
		clientId,
		clientSecret,
		WebSocket: Changed,
		verifyEveryMs: 0,
		onUnexpected: () => undefined,
	});
	await session.open(never);
	const opened = venue.received.length;
	return {
		session,
		link,
		refuse: (to: boolean) => {
			on = to;
		},
		/** Since it was opened. */
		logins: () => venue.received.slice(opened).filter(({ method }) => method === "public/auth").length,
	};
}

/** A beat each ten seconds. */
async function beatFor(session: ReturnType<typeof deribit>, ms: number): Promise<string[]> {
	const states: string[] = [];
	for (let passed = 0; passed < ms; passed += 10_000) {
		states.push((await session.beat(never)).protection.state);
		await vi.advanceTimersByTimeAsync(10_000);
	}
	return states;
}

it("tokens that the venue gives and does not take are renewed ever more slowly, and never called armed", async () => {
	const { session, link, logins, refuse } = await refusing({ readBack: 13009 });
	refuse(true);
	const states = await beatFor(session, 3_600_000);
	expect(new Set(states)).toEqual(new Set(["unknown"]));
	// 20, 40, 80, 160 s apart, then each 5 minutes; with every beat it would be 359.
	expect(logins()).toBeLessThanOrEqual(17);
	refuse(false);
	expect((await session.beat(never)).protection.state).toBe("armed");
	link.close();
});

it("after too many logins (12003) no renewal is tried for five minutes, and then it goes on by itself", async () => {
	const { session, link, logins, refuse } = await refusing({ auth: 12003 });
	link.levers["voidTokens"]?.({});
	await session.beat(never);
	refuse(true);
	await session.beat(never);
	const soon = logins();
	// The session's own refresh token was void, so the credentials were tried too.
	expect(soon).toBeLessThanOrEqual(2);
	await beatFor(session, 299_000);
	expect(logins()).toBe(soon);
	refuse(false);
	await vi.advanceTimersByTimeAsync(1_000);
	expect((await session.beat(never)).protection.state).toBe("armed");
	link.close();
});

it.each([11098, 12005])(
	"a renewal that is refused with %i ends the session for good, as an opening would",
	async (code) => {
		const { session, link, refuse, logins } = await refusing({ auth: code });
		link.levers["voidTokens"]?.({});
		await session.beat(never);
		refuse(true);
		await expect(session.beat(never)).rejects.toMatchObject({ disposition: { action: "fatal" }, cause: { code } });
		expect(logins()).toBeLessThanOrEqual(2);
		link.close();
	},
);

it("the first renewal is made at once, wherever the clock that never steps has its zero", () => {
	vi.spyOn(performance, "now").mockReturnValue(-5_000_000);
	const pace = new RenewalPace();
	expect(pace.mayTry).toBe(true);
	pace.trying();
	expect(pace.mayTry).toBe(true);
	pace.trying();
	expect(pace.mayTry).toBe(false);
	vi.mocked(performance.now).mockReturnValue(-4_980_001);
	expect(pace.mayTry).toBe(false);
	vi.mocked(performance.now).mockReturnValue(-4_980_000);
	expect(pace.mayTry).toBe(true);
});
