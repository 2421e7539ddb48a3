import { DeribitVenue, type DeribitVenueOptions, Link, serve } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status.ts";
import { type DeribitSession, type DeribitSessionOptions, deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };
const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
	for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** A kept session at interval 10 over a real socket. */
async function keep(venueOptions: DeribitVenueOptions, options: Partial<DeribitSessionOptions> = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	const served = await serve(link);
	cleanUp.push(() => served.close());
	const url = `${served.ws}/ws/api/v2`;
	const session = deribit({ url, clientId, clientSecret, intervalSeconds: 10, ...options });
	const keeper = keepalive([session], { backoff: { baseMs: 100 } });
	cleanUp.push(() => keeper.stop({ orders: "keep" }));
	const records: StatusRecord[] = [];
	keeper.onStatus((record) => records.push(record));
	await keeper.ready({ timeoutMs: 5_000 });
	return { venue, link, session, keeper, records };
}

function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(what: () => boolean, withinMs: number): Promise<void> {
	const deadline = performance.now() + withinMs;
	while (!what()) {
		if (performance.now() > deadline) expect.fail(`not within ${withinMs} ms`);
		await wait(20);
	}
}

function stateOf(keeper: Keeper): string | undefined {
	return keeper.snapshot()["deribit"]?.status.state;
}

/** A session whose answers, beats included, go nowhere while it is muted. */
function mutable(): { WebSocket: typeof WebSocket; muted: boolean } {
	const held = {
		muted: false,
		WebSocket: class extends globalThis.WebSocket {
			override send(data: string): void {
				if (!held.muted) super.send(data);
			}
		},
	};
	return held;
}

async function place(session: DeribitSession): Promise<void> {
	await session.requireArmed().call("private/buy", order);
}

describe("over a real socket, with the venue's seconds shortened tenfold", () => {
	const short = { heartbeatSecondMs: 100, transportIdleMs: 6_000 };

	it("60 of the venue's idle seconds pass alive throughout, by the answers to its probes alone", async () => {
		const { session, venue, keeper, records } = await keep(short);
		await place(session);
		await wait(6_000);
		expect(records.map(({ status }) => status.state).filter((state) => state !== "opening")).toEqual(["alive"]);
		expect(stateOf(keeper)).toBe("alive");
		// Two beats at most fall into six seconds: the rest are answers.
		expect(venue.received.filter(({ method }) => method === "public/test").length).toBeGreaterThanOrEqual(4);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("suppressed answers end in 4000, a cancelled order, and a new armed connection, all of it in the record", async () => {
		const socket = mutable();
		const { session, venue, keeper, records } = await keep(short, { WebSocket: socket.WebSocket });
		await place(session);
		socket.muted = true;
		await until(() => venue.orders()[0]?.state === "cancelled", 5_000);
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
		socket.muted = false;
		await until(() => stateOf(keeper) === "alive" && session.losses.length === 1, 5_000);
		expect(session.losses).toMatchObject([
			{ why: "heartbeat", cancelOnDisconnectFired: "likely", orderIds: [venue.orders()[0]?.id] },
		]);
		const lost = records.find(({ status }) => status.state === "lost")?.status;
		expect(lost).toMatchObject({
			cause: { message: expect.stringMatching(/test_request was not answered.*4000.*probably cancelled: SIM-1$/) },
		});
		const states = records.map(({ status }) => status.state).join();
		expect(states).toMatch(/alive,(late,)?lost,waiting,opening,alive$/);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 10 }]);
		expect(session.requireArmed()).toBe(session.handle);
	});

	it.each<[string, () => unknown]>([
		["sleeps for longer than the test lasts", () => new Promise(() => undefined)],
		[
			"throws",
			() => {
				throw new Error("user's");
			},
		],
	])("a handler that %s on every frame makes no probe go unanswered", async (_, onNotification) => {
		const { link, session, keeper, venue } = await keep(short, { onNotification });
		const chatter = setInterval(() => void link.levers["announceMaintenance"]?.({ on: false }), 1);
		cleanUp.push(() => clearInterval(chatter));
		await wait(4_000);
		expect(stateOf(keeper)).toBe("alive");
		expect(session.losses).toEqual([]);
		expect(venue.truth().connections).toHaveLength(1);
	});
});
