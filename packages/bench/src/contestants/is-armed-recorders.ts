import { keepalive, type Session, slidingWindowLimiter } from "@x/keepalive";
import { bybit, bybitConnectionLimiter } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { WebSocket as Ws } from "ws";

// The cast is safe: this file uses only members that the `ws` class and the standard WebSocket have in common.
const ws = Ws as unknown as typeof WebSocket;
/** The machine's monotonic clock in milliseconds. The servers read the same clock, so times of different processes can be compared. */
const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** The server's addresses, and the names of the sessions to open. */
export interface Line {
	readonly ws: string;
	readonly http: string;
	readonly names: readonly string[];
}

/** One change of the result of `isArmed`: the time of the change, and the new result. */
export type Change = readonly [at: number, isArmed: boolean];

/** A compared program that runs a keeper, calls its `isArmed` for each session every 5 ms, and records each change of the result. */
function watched(make: (line: Line, name: string) => Session) {
	const changes: Record<string, Change[]> = {};
	return {
		up: async (line: Line): Promise<void> => {
			const running = keepalive(line.names.map((name) => make(line, name)));
			await running.ready({ timeoutMs: 30_000 });
			setInterval(() => {
				for (const name of line.names) {
					const isArmed = running.isArmed(name);
					changes[name] ??= [];
					if (changes[name].at(-1)?.[1] !== isArmed) changes[name].push([now(), isArmed]);
				}
			}, 5);
		},
		changes: () => changes,
	};
}

// Each session has its own account, so no limit of calls or connections is shared between sessions.

export const deribitKeeper = () =>
	watched((line, name) =>
		deribit({
			name,
			client: {
				url: `${line.ws}?name=${name}`,
				credentials: { clientId: `id-${name}`, clientSecret: "secret" },
				WebSocket: ws,
			},
			connectionLimiter: slidingWindowLimiter(1_000, 300_000),
		}),
	);

export const bybitKeeper = () =>
	watched((line, name) =>
		bybit({
			name,
			client: {
				apiKey: `key-${name}`,
				apiSecret: "secret",
				restUrl: line.http,
				wsUrl: `${line.ws}?name=${name}`,
				fetch: (input, init) => fetch(input, init),
				WebSocket: ws,
			},
			products: ["DERIVATIVES"],
			connectionLimiter: bybitConnectionLimiter(),
		}),
	);
