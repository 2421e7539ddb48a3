import { isRecord } from "@x/base/record";
import { type Member, membersOf } from "../json-text.ts";

/** The `error` member of a reply. */
export interface RpcError {
	readonly code: number;
	readonly message: string;
	readonly data?: string | { readonly reason: string; readonly param?: string };
}

/** A request that has been read. */
export interface RpcRequest {
	/** Its id as JSON text; undefined when it has none. */
	readonly idText: string | undefined;
	/** Without a leading slash. */
	readonly method: string;
	readonly params: Readonly<Record<string, unknown>>;
	/** The parameters as they were written, without `access_token`. */
	readonly paramsText: string;
	/** A token in the parameters. */
	readonly accessToken: string | undefined;
}

/** What is wrong with a request. */
export interface Unreadable {
	readonly idText: string | undefined;
	readonly error: RpcError;
}

/** What the venue refuses to read; it answers with -32600. */
export const maxRequestBytes = 32_000;
const badRequest = 11050;
const invalidRequest = -32600;
const invalidParams = -32602;

const refused = (idText: string | undefined, code: number, message: string, data?: RpcError["data"]): Unreadable => {
	return { idText, error: { code, message, ...(data !== undefined && { data }) } };
};

/** Reads a frame or the body of a POST. Never throws. @param path - the method of the URL. */
export function readRequest(text: string, path?: string): RpcRequest | Unreadable {
	if (text.length > maxRequestBytes || Buffer.byteLength(text) > maxRequestBytes) {
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
			reason("a member is there twice, or its name has escapes"),
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
	const name = path ?? method.replace(/^\//, "");
	if (params === undefined || params === null) {
		return { idText, method: name, params: {}, paramsText: "{}", accessToken: undefined };
	}
	if (!isRecord(params)) return refused(idText, invalidParams, "Invalid params", reason("params must be an object"));
	return withParams(idText, name, params, textOf("params") ?? "{}");
}

/** A request from a query: an ordinary call without an id. */
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
			reason("a parameter is there twice, or its name has escapes"),
		);
	if (!Object.hasOwn(params, "access_token")) return { idText, method, params, paramsText, accessToken: undefined };
	const { access_token: token, ...others } = params;
	if (typeof token !== "string")
		return refused(idText, invalidParams, "Invalid params", { reason: "invalid value", param: "access_token" });
	// It is the relay's own: the venue must not see it.
	const kept = members.filter(({ key }) => key !== "access_token").map(({ from, end }) => paramsText.slice(from, end));
	return { idText, method, params: others, paramsText: `{${kept.join(",")}}`, accessToken: token };
}

const reason = (text: string): { readonly reason: string } => ({ reason: text });

/** What two parsers may read differently: the venue must not see another call than the one that was judged here. */
function isAmbiguous(members: readonly Member[]): boolean {
	// Most requests have so few that a set of their names would cost more.
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

/** Makes the replies that the relay gives itself. */
export class LocalReplies {
	readonly #testnet: boolean;

	/** @param testnet - what the venue says of itself in its replies. */
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

/** The venue's reply with the id of the request in place of the connection's own; without an id if the request had none. */
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
