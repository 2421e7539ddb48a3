import { BybitVenue, Link, type Served, serve } from "@x/venue-sims";
import { type Keeper, keepalive, type StatusRecord } from "../../../index.ts";
import { type BybitSession, bybit, bybitConnectionLimiter } from "../index.ts";

/** The results of a run. All times are in milliseconds. */
export interface RestartFigures {
	readonly clients: number;
	/** `armedMs`: from the start until every client was armed. `rearmedMs`: from the server's return until every client was armed again. */
	readonly armedMs: number;
	readonly rearmedMs: number;
	/** Handshakes: attempts of all clients, attempts that reached the venue, and the largest number that reached it within five minutes. */
	readonly attempts: number;
	readonly handshakes: number;
	readonly mostHandshakesInFiveMinutes: number;
	/** The largest number of HTTP calls that the venue received within five seconds, and how many of its answers had the status 403. */
	readonly mostCallsInFiveSeconds: number;
	readonly banned: number;
	/** The shortest time between the end of a client's back-off and its next attempt; negative if an attempt came too early. */
	readonly leastAfterBackoffMs: number;
	readonly cpuMs: number;
}

/** Polls every `everyMs` milliseconds until the condition is true, and throws after `ms` milliseconds. */
export async function until(what: string, holds: () => boolean, ms = 60_000, everyMs = 5): Promise<void> {
	const from = performance.now();
	while (!holds()) {
		if (performance.now() - from > ms) throw new Error(`timed out after ${ms} ms: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, everyMs));
	}
}

const keyOf = (client: number) => ({ apiKey: `key-${client}`, apiSecret: `secret-${client}` });

/** A simulated venue on a port, with one account per client. Records the handshakes and HTTP calls that arrive. */
class Recorded {
	readonly handshakes: number[] = [];
	readonly calls: number[] = [];
	banned = 0;

	async serve(clients: number, port: number): Promise<{ venue: BybitVenue; at: Served }> {
		const otherAccounts = Array.from({ length: clients - 1 }, (_, index) => keyOf(index + 1));
		const venue = new BybitVenue({ ...keyOf(0), otherAccounts });
		const link = new Link(venue);
		const { upgrade, http } = { upgrade: link.upgrade.bind(link), http: link.http.bind(link) };
		link.upgrade = (request) => {
			this.handshakes.push(performance.now());
			return upgrade(request);
		};
		link.http = async (request) => {
			this.calls.push(performance.now());
			const reply = await http(request);
			if (reply.kind === "reply" && reply.status === 403) this.banned += 1;
			return reply;
		};
		return { venue, at: await serve(link, { port }) };
	}
}

/** The largest number of timestamps that lie within `ms` milliseconds of each other. */
function most(instants: readonly number[], ms: number): number {
	let [from, highest] = [0, 0];
	for (const [index, at] of instants.entries()) {
		while (at - (instants[from] ?? at) >= ms) from += 1;
		highest = Math.max(highest, index - from + 1);
	}
	return highest;
}

/**
 * Runs clients in real time over 127.0.0.1 with the venue's own limits, and restarts the server once all are armed.
 *
 * @param waitMs - how long all clients may take to be armed, both at the start and after the restart. With more clients than the 500
 * handshakes that the venue allows in five minutes, this takes many minutes.
 * @throws Error if arming takes longer, or if a client reports armed although the venue would not cancel its orders.
 */
export async function restart(clients: number, waitMs: number, downMs = 1_200): Promise<RestartFigures> {
	const recorded = new Recorded();
	const before = await recorded.serve(clients, 0);
	const port = Number(new URL(before.at.http).port);
	const limiter = bybitConnectionLimiter();
	const notBefore = new Map<string, number>();
	let [attempts, leastAfterBackoffMs] = [0, Number.POSITIVE_INFINITY];
	const sessions: BybitSession[] = Array.from({ length: clients }, (_, client) => {
		const name = `client ${client}`;
		class CountedSocket extends WebSocket {
			constructor(url: string | URL) {
				super(url);
				attempts += 1;
				leastAfterBackoffMs = Math.min(leastAfterBackoffMs, Date.now() - (notBefore.get(name) ?? 0));
			}
		}
		return bybit({
			client: {
				...keyOf(client),
				restUrl: before.at.http,
				wsUrl: `${before.at.ws}/v5/private`,
				WebSocket: CountedSocket,
			},
			name,
			products: ["DERIVATIVES"],
			connectionLimiter: limiter,
		});
	});
	const startedAt = performance.now();
	const keeper: Keeper = keepalive(sessions);
	keeper.onStatus(({ session, status }: StatusRecord) => {
		if (status.state === "waiting") notBefore.set(session, status.until);
	});
	const armed = (): number => {
		const all = Object.values(keeper.snapshot());
		return all.filter(({ status }) => status.state === "alive" && status.protection.state === "armed").length;
	};
	const protectedBy = (venue: BybitVenue): number =>
		sessions.filter((_, client) => venue.truth(client).DERIVATIVES.state === "armed").length;
	let { venue, at } = before;
	try {
		// Polling a thousand sessions takes time, so polling without pauses would slow the clients down.
		const everyMs = clients / 4;
		await until("all are armed", () => armed() === clients, waitMs, everyMs);
		const armedMs = performance.now() - startedAt;
		if (protectedBy(venue) !== clients) throw new Error("all clients are armed, but the venue protects only some");
		await at.close();
		await until("every client has noticed", () => armed() === 0, 60_000, everyMs);
		await new Promise((resolve) => setTimeout(resolve, downMs));
		({ venue, at } = await recorded.serve(clients, port));
		const returnedAt = performance.now();
		await until("all are armed again", () => armed() === clients, waitMs, everyMs);
		if (protectedBy(venue) !== clients) throw new Error("all are armed again, but the venue protects only some");
		const { user, system } = process.cpuUsage();
		return {
			clients,
			armedMs: Math.round(armedMs),
			rearmedMs: Math.round(performance.now() - returnedAt),
			attempts,
			handshakes: recorded.handshakes.length,
			mostHandshakesInFiveMinutes: most(recorded.handshakes, 300_000),
			mostCallsInFiveSeconds: most(recorded.calls, 5_000),
			banned: recorded.banned,
			leastAfterBackoffMs,
			cpuMs: Math.round((user + system) / 1_000),
		};
	} finally {
		await at.close();
		await keeper.stop({ orders: "cancel" });
	}
}
