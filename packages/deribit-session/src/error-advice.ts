/** What to do about each error code of Deribit, whose own messages rarely say what to do. */
const advice: Readonly<Record<number, string>> = {
	10000: "authenticate this connection first",
	10028: "the venue ends the session now; reconnect after some seconds",
	10030: "only available over WebSocket",
	10040: "retry",
	10041: "the daily settlement takes seconds; retry",
	10047: "the matching engine is overloaded; wait before the next order",
	10049: "cancel-on-disconnect is NOT on for this connection; do not trade over it",
	10066: "make fewer public calls at a time",
	11050: "the request could not be parsed; report a bug",
	11051: "the venue is in maintenance; retry in minutes",
	11056: "the venue has turned public calls off for now; authenticate first",
	11094: "internal error of the venue; retry",
	11098: "the account is locked; do not retry",
	12003: "too many logins; wait minutes before the next one",
	12005: "the venue does not serve this country",
	12998: "retry after the wait that the venue asks for",
	13004:
		"check client id, client secret and this machine's clock, and that the key belongs to this host; do not retry automatically",
	13009: "authenticate this connection first",
	13021: "the API key lacks permission for this method",
	13028: "temporarily unavailable; retry later",
	13042: "enable cancel-on-disconnect for this connection first",
	13503: "temporarily unavailable; retry later",
	13778: "authenticate this connection before subscribing to raw channels",
	[-32602]: "a parameter is wrong, or the refresh token was already used",
};

/** What to do about an error code of Deribit. */
export function adviceFor(code: number): string {
	return advice[code] ?? "see docs.deribit.com/articles/errors";
}
