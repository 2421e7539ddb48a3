import type { BybitAccount } from "./account.ts";
import type { BybitRefusal } from "./verify-signature.ts";

/** The outcome of an HTTP call: its result, or an error reply. If `short` is true, the reply has only `retCode` and `retMsg`. */
export type Outcome = { result: object; retMsg: string; short?: boolean } | BybitRefusal;

/** The parsed JSON body of a request. */
export type Body = Readonly<Record<string, unknown>>;

/** A function that answers one kind of HTTP call of an authenticated account. */
export type Call = (account: BybitAccount, body: Body, query: URLSearchParams) => Outcome;

/** The error reply to a call with wrong parameters. */
export function paramsError(what: string): { retCode: number; retMsg: string } {
	return { retCode: 10001, retMsg: `params error: ${what}` };
}

/**
 * Reads the parameters `limit` and `cursor`. Returns the range of entries that they request, or the error text if one of them is invalid.
 */
export function readPage(query: URLSearchParams, most: number, usual = 20): { from: number; to: number } | string {
	const limit = Number(query.get("limit") ?? usual);
	if (!Number.isInteger(limit) || limit < 1 || limit > most) return "limit invalid";
	const cursor = query.get("cursor");
	if (!cursor) return { from: 0, to: limit };
	// The cursor contains the texts %3D and %26. They arrive here unchanged if the client has percent-encoded the cursor, as the venue
	// requires. If it has not, they arrive decoded, as = and &. Both are accepted.
	const [, digits] = /^page_token(?:%3D|=)(\d+)(?:%26|&)$/.exec(cursor) ?? [];
	return digits === undefined ? "cursor invalid" : { from: Number(digits), to: Number(digits) + limit };
}
