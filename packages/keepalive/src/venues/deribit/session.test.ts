import { inspect } from "node:util";
import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease } from "../../session.ts";
import type { SessionError } from "../../session-error.ts";
import { type DeribitSessionOptions, deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const links: Link[] = [];
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

function stage(options: Partial<DeribitSessionOptions> = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const session = deribit({ clientId, clientSecret, WebSocket: memoryWebSocket(link), ...options });
	const pull = (lever: string, args = {}): unknown => link.levers[lever]?.(args);
	const asked = (): string[] => venue.received.map(({ method }) => method);
	const isArmed = (): boolean[] =>
		(pull("truth") as { connections: { armed: boolean }[] }).connections.map(({ armed }) => armed);
	return { venue, link, session, pull, asked, isArmed };
}

/** The error that a promise fails with; runs the clock meanwhile. */
async function failure(promise: Promise<unknown>, ms = 0): Promise<SessionError> {
	const outcome = promise.then(
		() => expect.fail("it succeeded"),
		(error: SessionError) => error,
	);
	await vi.advanceTimersByTimeAsync(ms);
	return outcome;
}

async function after<T>(promise: Promise<T>, ms: number): Promise<T> {
	await vi.advanceTimersByTimeAsync(ms);
	return promise;
}

describe("beat", () => {
	it("is one public/test while the proof is young, and asks again after 60 000 ms", async () => {
		const { session, asked } = stage();
		const opened = await session.open(never);
		const before = asked().length;
		await vi.advanceTimersByTimeAsync(30_000);
		expect({ ...(await session.beat(never)), ageMs: 0 }).toEqual(opened);
		await vi.advanceTimersByTimeAsync(29_999);
		expect({ ...(await session.beat(never)), ageMs: 0 }).toEqual(opened);
		expect(asked().slice(before)).toEqual(["public/test", "public/test"]);
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed", verifiedAt: Date.now() });
		expect(asked().slice(-3)).toEqual(["public/test", "public/set_heartbeat", "private/get_cancel_on_disconnect"]);
	});

	it("says unarmed when somebody switched it off, arms again with the next beat, and says so", async () => {
		const { session, pull, isArmed } = stage({ verifyEveryMs: 0 });
		await session.open(never);
		pull("disarmAll");
		expect((await session.beat(never)).protection).toMatchObject({ state: "unarmed" });
		expect(isArmed()).toEqual([false]);
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
		expect(isArmed()).toEqual([true]);
	});

	it("sets the heartbeat again when it verifies: the exposure rests on it", async () => {
		const { session, venue } = stage({ verifyEveryMs: 0 });
		await session.open(never);
		await session.handle?.request("public/disable_heartbeat");
		expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: null }]);
		await session.beat(never);
		expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: 30 }]);
	});

	it("stays unarmed as long as the venue's ok is a lie", async () => {
		const { session, pull } = stage({ verifyEveryMs: 0 });
		await session.open(never);
		pull("disarmAll");
		pull("lieOnEnable");
		for (let beats = 0; beats < 3; beats += 1) {
			expect((await session.beat(never)).protection).toMatchObject({ state: "unarmed" });
		}
	});

	it("says unknown, not armed, when the question is not answered in time, and keeps beating", async () => {
		const { session, pull } = stage({ verifyEveryMs: 0 });
		await session.open(never);
		pull("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const beat = await after(session.beat(never), 6_667);
		expect(beat.protection).toMatchObject({ state: "unknown" });
		pull("suppressAnswers", { on: false });
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
	});

	it("that is not answered fails without a word about the session", async () => {
		const { session, pull } = stage();
		await session.open(never);
		pull("suppressAnswers");
		expect(await failure(session.beat(never), 10_000)).toMatchObject({
			session: "unclear",
			disposition: { action: "retry" },
			cause: { kind: "timeout" },
		});
	});

	it("after one that failed asks whether it is still armed, however young the proof is", async () => {
		const { session, pull } = stage();
		await session.open(never);
		pull("suppressAnswers");
		await failure(session.beat(never), 10_000);
		pull("suppressAnswers", { on: false });
		pull("disarmAll");
		expect((await session.beat(never)).protection).toMatchObject({ state: "unarmed" });
	});

	it("after the end fails with the reason of the end", async () => {
		const { session, link } = stage();
		const { ended } = await session.open(never);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const error = await failure(session.beat(never));
		expect(error).toBe(ended?.reason);
		expect(error).toMatchObject({ session: "ended", cause: { why: "network" } });
		expect(session.handle).toBeUndefined();
	});

	it("without an open session fails as ended", async () => {
		expect(await failure(stage().session.beat(never))).toMatchObject({ session: "ended" });
	});
});

describe("ended", () => {
	it.each<[string, Record<string, unknown>]>([
		["drop", { action: "retry" }],
		["maintenance", { action: "wait", forMs: 60_000 }],
	])("aborts between beats when the venue ends it (%s)", async (lever, disposition) => {
		const { session, pull } = stage();
		const lease: Lease = await session.open(never);
		expect(lease.ended?.aborted).toBe(false);
		pull(lever);
		await vi.advanceTimersByTimeAsync(0);
		expect(lease.ended?.reason).toMatchObject({ name: "SessionError", session: "ended", disposition });
	});

	it("asks for a pause after a rate limit, and for a longer one after an announced break", async () => {
		const { session, pull } = stage();
		const first = await session.open(never);
		pull("rateLimit");
		await session.handle?.call("private/get_open_orders").catch(() => undefined);
		await vi.advanceTimersByTimeAsync(0);
		expect(first.ended?.reason).toMatchObject({ disposition: { action: "wait", forMs: 10_000 } });
		// The venue said that the credits are spent: the first calls wait for some.
		const second = await after(session.open(never), 1_000);
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(second.ended?.reason).toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
	});

	it("is the same signal in every lease of one connection", async () => {
		const { session } = stage();
		const { ended } = await session.open(never);
		expect((await session.beat(never)).ended).toBe(ended);
	});
});

describe("exposure", () => {
	it.each([10, 30, 60])(
		"at interval %i is what the venue takes at its slowest when the network dies right after a beat",
		async (seconds) => {
			// Without the cut of silent lines, which is sooner at long intervals and nowhere promised.
			const { session, venue, link, pull } = stage(
				{ intervalSeconds: seconds },
				{ transportIdleMs: 10_000_000, firstProbeFactor: 1.3 },
			);
			const { protection } = await session.open(never);
			const exposureMs = protection.state === "armed" ? protection.exposureMs : 0;
			pull("place");
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(exposureMs - 1);
			expect(venue.orders()).toMatchObject([{ state: "open" }]);
			await vi.advanceTimersByTimeAsync(1);
			expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
		},
	);

	it.each([10, 30, 50, 300])(
		"at interval %i does not end before the lease, at the venue's fastest",
		async (seconds) => {
			const fastest = { firstProbeFactor: 1, graceMs: 10_000 };
			const { session, link, venue, pull } = stage({ intervalSeconds: seconds }, fastest);
			const { ttlMs } = await session.open(never);
			pull("place");
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(ttlMs - 1);
			expect(venue.orders()).toMatchObject([{ state: "open" }]);
			await vi.advanceTimersByTimeAsync(1);
			expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
		},
	);
});

it("no secret is in a printed session, lease or error", async () => {
	const { session, pull } = stage();
	const lease = await session.open(never);
	const tokens = session.handle?.tokens();
	const handle = session.handle;
	const closed = await session.close("keep");
	pull("revoke");
	const error = await failure(session.open(never));
	const shown = inspect([session, lease, handle, closed, error, lease.ended?.reason], { depth: 10, showHidden: true });
	for (const secret of [clientId, clientSecret, tokens?.accessToken, tokens?.refreshToken]) {
		expect(secret).toMatch(/.{5}/);
		expect(shown).not.toContain(secret);
	}
});
