/** The weight that one program may have. */
export interface Budget {
	/** File in `programs/`, without its ending. */
	readonly program: string;
	/** What it is, for people. */
	readonly what: string;
	/** Bytes, minified and gzipped, that the check allows. */
	readonly bytes: number;
	/** Bytes that issue 7 of this project asked for, where it did. */
	readonly wanted?: number;
}

/**
 * Each a shortest program that keeps one session alive, with all it needs but what Node brings.
 *
 * A budget is what is there, rounded up: it stops growth. Where it is above what was wanted, docs/performance.md says
 * what the difference buys.
 */
export const budgets: readonly Budget[] = [
	{ program: "deribit", what: "`@x/deribit-session`, armed and read back", bytes: 10_500, wanted: 6_000 },
	{ program: "bybit", what: "`@x/bybit-dcp`, queried, subscribed, pinging", bytes: 10_500, wanted: 6_000 },
	{ program: "ibkr", what: "`@x/ibkr-session`, a gateway's certificate, tickling", bytes: 8_350, wanted: 6_000 },
	{ program: "core", what: "`@x/keepalive` without a venue", bytes: 8_500, wanted: 4_000 },
	{ program: "keepalive-deribit", what: "`@x/keepalive` with Deribit", bytes: 23_500 },
	{ program: "keepalive-three", what: "`@x/keepalive` with all three", bytes: 58_750 },
];
