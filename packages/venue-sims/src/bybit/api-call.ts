import type { BybitAccount } from "./account.ts";
import type { BybitRefusal } from "./signature.ts";

/** The outcome of a call: its result, or an error reply. `short` leaves out all members of the envelope but two. */
export type Outcome = { result: object; retMsg: string; short?: boolean } | BybitRefusal;

/** A parsed JSON body. */
export type Body = Readonly<Record<string, unknown>>;

/** A call of an authenticated account. */
export type Call = (account: BybitAccount, body: Body, query: URLSearchParams) => Outcome;

/** Refuses parameters. */
export function paramsError(what: string): { retCode: number; retMsg: string } {
	return { retCode: 10001, retMsg: `params error: ${what}` };
}

/** The part of a list that a call asks for, or what is wrong with the call. */
export function readPage(query: URLSearchParams, most: number, usual = 20): { from: number; to: number } | string {
	const limit = Number(query.get("limit") ?? usual);
	if (!Number.isInteger(limit) || limit < 1 || limit > most) return "limit invalid";
	const cursor = query.get("cursor");
	if (!cursor) return { from: 0, to: limit };
	// A client that encodes the cursor, as it must, leaves %3D and %26 in it here. Without encoding they arrive as = and &.
	const [, digits] = /^page_token(?:%3D|=)(\d+)(?:%26|&)$/.exec(cursor) ?? [];
	return digits === undefined ? "cursor invalid" : { from: Number(digits), to: Number(digits) + limit };
}
