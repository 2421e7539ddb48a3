/** What a person should do about a venue error; the message of the venue alone rarely says. */
const advice: Readonly<Record<number, string>> = {
	10028: "the venue ends the session now; wait some seconds, then connect again",
	10030: "this method exists on a WebSocket alone",
	10040: "try again",
	10041: "the daily settlement takes seconds; try again",
	10049: "the orders of this connection are NOT protected; do not trade over it",
	11050: "the request could not be read; this is a fault of the program",
	11051: "the venue is in maintenance; come back in minutes",
	11098: "the account is locked; trying again cannot help",
	12003: "too many logins; stop logging in for some minutes",
	12005: "the venue does not serve this country",
	12998: "wait as long as the venue says before trying again",
	10000: "authenticate on this connection first",
	10047: "the matching engine is behind; wait before the next order",
	10066: "make fewer public calls at a time",
	11056: "the venue answers no public calls without authentication at the moment; authenticate first",
	11094: "a fault of the venue; try again",
	13004: "check client id, secret and this machine's clock, and that the key belongs to this host; do not loop",
	13009: "authenticate on this connection first",
	13021: "the key has not the right for this method",
	13028: "temporarily unavailable; try again later",
	13042: "switch cancel-on-disconnect on for this connection first",
	13503: "temporarily unavailable; try again later",
	[-32602]: "a parameter is wrong, or the refresh token was already used",
};

/** Advice for a code, or a sentence that is true for any. */
export function adviceFor(code: number): string {
	return advice[code] ?? "see docs.deribit.com/articles/errors";
}
