import { isRecord } from "@x/base/objects";
import { type Member, membersOf } from "../locate-json-members.ts";

/** The `error` member of a reply. */
export interface RpcError {
	readonly code: number;
	readonly message: string;
	readonly data?: string | { readonly reason: string; readonly param?: string };
}

/** A JSON-RPC request from a bot. */
export interface RpcRequest {
	/** The id of the request as JSON text; undefined if it has none. */
	readonly idText: string | undefined;
	/** The method, without a leading slash. */
	readonly method: string;
	readonly params: Readonly<Record<string, unknown>>;
	/** The parameters exactly as they were written, but without `access_token`. */
	readonly paramsText: string;
	/** The access token from the parameters, if there was one. */
	readonly accessToken: string | undefined;
}

/** The error with which an unreadable request is answered. */
export interface Unreadable {
	readonly idText: string | undefined;
	readonly error: RpcError;
}

/** A request with more bytes than this is refused with error -32600, as at Deribit. */
export const maxRequestBytes = 32_000;
const badRequest = 11050;
const invalidRequest = -32600;
const invalidParams = -32602;

const refused = (idText: string | undefined, code: number, message: string, data?: RpcError["data"]): Unreadable => {
	return { idText, error: { code, message, ...(data !== undefined && { data }) } };
};

/** Reads a WebSocket frame or the body of a POST. Never throws. @param path - the method that the URL names. */
export function readRequest(text: string, path?: string): RpcRequest | Unreadable {
	// A UTF-16 code unit takes at most three bytes in UTF-8, so the bytes of a short request need not be counted.
	if (text.length * 3 > maxRequestBytes && Buffer.byteLength(text) > maxRequestBytes) {
		return refused(undefined, invalidRequest, "request entity too large");
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return refused(undefined, badRequest, "bad_request", "invalid json");
	}
	if (!isRecord(value)) return refused(undefined, badRequest, "bad_request");
	const members = membersOf(text);
	if (isAmbiguous(members))
		return refused(
			undefined,
			invalidRequest,
			"Invalid Request",
			reason("a member is given twice, or its name has escapes: give each name once, without escapes"),
		);
	const textOf = (name: string): string | undefined => {
		const member = members.find(({ key }) => key === name);
		return member && text.slice(member.start, member.end);
	};
	const { id, method = path, params } = value;
	if (typeof id === "object" && id !== null) return refused(undefined, invalidRequest, "Invalid Request");
	if (typeof id === "boolean") return refused(undefined, invalidRequest, "Invalid Request");
	const idText = textOf("id");
	if (typeof method !== "string") return refused(idText, badRequest, "bad_request");
	const name = path ?? (method.startsWith("/") ? method.slice(1) : method);
	if (params === undefined || params === null) {
		return { idText, method: name, params: {}, paramsText: "{}", accessToken: undefined };
	}
	if (!isRecord(params)) return refused(idText, invalidParams, "Invalid params", reason("params must be an object"));
	return withParams(idText, name, params, textOf("params") ?? "{}");
}

/** Makes a request from its parts, and removes `access_token` from the parameters. */
export function withParams(
	idText: string | undefined,
	method: string,
	params: Readonly<Record<string, unknown>>,
	paramsText: string,
): RpcRequest | Unreadable {
	const members = membersOf(paramsText);
	if (isAmbiguous(members))
		return refused(
			idText,
			invalidParams,
			"Invalid params",
			reason("a parameter is given twice, or its name has escapes: give each name once, without escapes"),
		);
	if (!Object.hasOwn(params, "access_token")) return { idText, method, params, paramsText, accessToken: undefined };
	const { access_token: token, ...others } = params;
	if (typeof token !== "string")
		return refused(idText, invalidParams, "Invalid params", { reason: "invalid value", param: "access_token" });
	// The access token was issued by the relay, so the venue must not see it.
	const kept = members.filter(({ key }) => key !== "access_token").map(({ from, end }) => paramsText.slice(from, end));
	return { idText, method, params: others, paramsText: `{${kept.join(",")}}`, accessToken: token };
}

const reason = (text: string): { readonly reason: string } => ({ reason: text });

/**
 * Whether two JSON parsers could read an object differently. Such a request is refused: the venue must not execute another call than the
 * one that the relay has checked.
 */
function isAmbiguous(members: readonly Member[]): boolean {
	// A set of the names is made only for many members. For a few members, comparing all of them with each other costs less.
	if (members.length > 16) {
		return members.some(({ isEscaped }) => isEscaped) || new Set(members.map(({ key }) => key)).size < members.length;
	}
	for (let index = 0; index < members.length; index += 1) {
		const member = members[index];
		if (member?.isEscaped) return true;
		for (let other = 0; other < index; other += 1) if (members[other]?.key === member?.key) return true;
	}
	return false;
}

/** Makes the replies to the calls that the relay answers itself. */
export class LocalReplies {
	readonly #testnet: boolean;

	/** @param testnet - the value of the member `testnet` in each reply. */
	constructor(testnet: boolean) {
		this.#testnet = testnet;
	}

	result(idText: string | undefined, resultText: string): string {
		return this.#reply(idText, `"result":${resultText}`);
	}

	error(idText: string | undefined, error: RpcError): string {
		return this.#reply(idText, `"error":${JSON.stringify(error)}`);
	}

	#reply(idText: string | undefined, outcome: string): string {
		const now = Date.now() * 1_000;
		const id = idText === undefined ? "" : `"id":${idText},`;
		return `{"jsonrpc":"2.0",${id}${outcome},"usIn":${now},"usOut":${now},"usDiff":0,"testnet":${this.#testnet}}`;
	}
}

const usualBeginning = /^\{"jsonrpc":"2\.0","id":\d+,/;

/**
 * Returns the venue's reply with the id of the bot's request in place of the connection's own id. The reply gets no id if the request had
 * none.
 */
export function withId(reply: string, idText: string | undefined): string {
	const beginning = usualBeginning.exec(reply)?.[0];
	if (beginning !== undefined) {
		return `{"jsonrpc":"2.0",${idText === undefined ? "" : `"id":${idText},`}${reply.slice(beginning.length)}`;
	}
	const members = membersOf(reply);
	const id = members.find(({ key }) => key === "id");
	if (!id) return reply;
	if (idText !== undefined) return reply.slice(0, id.start) + idText + reply.slice(id.end);
	const others = members.filter((member) => member !== id).map(({ from, end }) => reply.slice(from, end));
	return `{${others.join(",")}}`;
}
