import { BybitVenue, Link, type Served, serve } from "@x/venue-sims";
import { type Keeper, keepalive, type StatusRecord } from "../../../index.ts";
import { type BybitGuarded, bybit, bybitConnectionBudget } from "../index.ts";

/** What was measured. Times in milliseconds. */
export interface RestartFigures {
	readonly clients: number;
	/** From the start, and from the server's return, until every client was armed. */
	readonly armedMs: number;
	readonly rearmedMs: number;
	/** Handshakes that clients made, those that reached the venue, and the most of them in any five minutes. */
	readonly attempts: number;
	readonly handshakes: number;
	readonly mostHandshakesInFiveMinutes: number;
	/** The most HTTP calls that the venue got in any five seconds, and how many answers were 403. */
	readonly mostCallsInFiveSeconds: number;
	readonly banned: number;
	/** How much later than its back-off allowed the earliest attempt was; below 0 one was too early. */
	readonly leastAfterBackoffMs: number;
	readonly cpuMs: number;
}

/** Looks every `everyMs` until it holds. */
export async function until(what: string, holds: () => boolean, ms = 60_000, everyMs = 5): Promise<void> {
	const from = performance.now();
	while (!holds()) {
		if (performance.now() - from > ms) throw new Error(`not in ${ms} ms: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, everyMs));
	}
}

const secretOf = (client: number) => ({ apiKey: `key-${client}`, apiSecret: `secret-${client}` });

/** A venue with an account for each client, on a port, that records what arrives. */
class Recorded {
	readonly handshakes: number[] = [];
	readonly calls: number[] = [];
	banned = 0;

	async serve(clients: number, port: number): Promise<{ venue: BybitVenue; at: Served }> {
		const otherAccounts = Array.from({ length: clients - 1 }, (_, index) => secretOf(index + 1));
		const venue = new BybitVenue({ ...secretOf(0), otherAccounts });
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

/** The most instants within `ms` of each other. */
function most(instants: readonly number[], ms: number): number {
	let [from, highest] = [0, 0];
	for (const [index, at] of instants.entries()) {
		while (at - (instants[from] ?? at) >= ms) from += 1;
		highest = Math.max(highest, index - from + 1);
	}
	return highest;
}

/**
 * Clients in real time over 127.0.0.1, with the venue's own limits: all armed, the server restarted under them, all armed again.
 *
 * @param waitMs - how long each of the two may take: with more clients than the venue's 500 in five minutes, many minutes.
 * @throws Error when it takes longer, or a client says armed that the venue would not cancel for.
 */
export async function restart(clients: number, waitMs: number, downMs = 1_200): Promise<RestartFigures> {
	const recorded = new Recorded();
	const before = await recorded.serve(clients, 0);
	const port = Number(new URL(before.at.http).port);
	const budget = bybitConnectionBudget();
	const notBefore = new Map<string, number>();
	let [attempts, leastAfterBackoffMs] = [0, Number.POSITIVE_INFINITY];
	const sessions: BybitGuarded[] = Array.from({ length: clients }, (_, client) => {
		const name = `client ${client}`;
		class CountedSocket extends WebSocket {
			constructor(url: string | URL) {
				super(url);
				attempts += 1;
				leastAfterBackoffMs = Math.min(leastAfterBackoffMs, Date.now() - (notBefore.get(name) ?? 0));
			}
		}
		return bybit({
			...secretOf(client),
			name,
			products: ["DERIVATIVES"],
			restUrl: before.at.http,
			wsUrl: `${before.at.ws}/v5/private`,
			connectionBudget: budget,
			WebSocket: CountedSocket,
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
		// A look at a thousand sessions is work: done all the time it would make the clients late.
		const everyMs = clients / 4;
		await until("all are armed", () => armed() === clients, waitMs, everyMs);
		const armedMs = performance.now() - startedAt;
		if (protectedBy(venue) !== clients) throw new Error("armed, and the venue says otherwise");
		await at.close();
		await until("every client noticed", () => armed() === 0, 60_000, everyMs);
		await new Promise((resolve) => setTimeout(resolve, downMs));
		({ venue, at } = await recorded.serve(clients, port));
		const returnedAt = performance.now();
		await until("all are armed again", () => armed() === clients, waitMs, everyMs);
		if (protectedBy(venue) !== clients) throw new Error("armed again, and the venue says otherwise");
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
