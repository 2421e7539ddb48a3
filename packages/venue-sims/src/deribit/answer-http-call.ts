import type { WireReply, WireRequest } from "../venue.ts";
import { answer, type Request, unreadable } from "./answer-request.ts";
import type { CreditPools } from "./credit-pools.ts";
import { DeribitFailure } from "./error-reply.ts";
import type { State } from "./method-definition.ts";
import type { DeribitSettings } from "./options.ts";
import type { Grant } from "./tokens.ts";

const base = "/api/v2";

/**
 * Handles an HTTP call: a GET with a query, or a POST with a JSON-RPC body, to the path of a method or to `/api/v2`.
 */
export function answerHttp(
	wire: WireRequest,
	state: State,
	credits: CreditPools,
	onRequest: (request: Request) => void,
): WireReply {
	try {
		const request = readHttp(wire, state.settings);
		onRequest(request);
		const caller = { connection: undefined, address: wire.remoteAddress, grant: headerGrant(wire, state) };
		const outcome = answer(request, caller, state, credits);
		if (!outcome) return { kind: "hang" };
		return json(outcome.failed ? 400 : 200, outcome.body);
	} catch (failure) {
		if (!(failure instanceof DeribitFailure)) throw failure;
		return json(400, unreadable(failure, state));
	}
}

function readHttp({ method, url, body }: WireRequest, { maxFrameBytes, unreadableCode }: DeribitSettings): Request {
	const path = url.pathname.startsWith(`${base}/`) ? url.pathname.slice(base.length + 1) : "";
	if (method === "GET" && body === "")
		return { method: path, params: Object.fromEntries(url.searchParams), fromQuery: true };
	if (Buffer.byteLength(body) > maxFrameBytes) throw new DeribitFailure(-32600);
	const read = readRequest(body, unreadableCode);
	return { ...read, method: path || read.method };
}

/**
 * Parses a JSON-RPC request from a frame or body.
 *
 * @throws DeribitFailure with `unreadableCode` if the text is not a JSON-RPC request.
 */
export function readRequest(text: string, unreadableCode: number): Request {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new DeribitFailure(unreadableCode, "invalid json");
	}
	if (typeof value !== "object" || value === null || !("method" in value) || typeof value.method !== "string") {
		throw new DeribitFailure(unreadableCode);
	}
	const { method } = value;
	const id = "id" in value ? value.id : undefined;
	const params = "params" in value ? value.params : undefined;
	return { method, params, fromQuery: false, ...(id === undefined ? {} : { id }) };
}

/**
 * The grant (the tokens of one login) that belongs to the `Authorization` header; undefined without the header or with an invalid bearer
 * token.
 *
 * @throws DeribitFailure if the signature or the credentials in the header are wrong.
 */
function headerGrant(wire: WireRequest, { tokens }: State): Grant | undefined {
	const [scheme, value = ""] = (wire.headers["authorization"] ?? "").split(" ");
	const anyConnection = { scope: undefined, connection: undefined };
	if (scheme?.toLowerCase() === "bearer") return tokens.withAccessToken(value, undefined);
	if (scheme?.toLowerCase() === "deri-hmac-sha256")
		return tokens.bySignature(signedRequest(wire, value), anyConnection);
	if (scheme?.toLowerCase() !== "basic") return undefined;
	const [id = "", secret = ""] = Buffer.from(value, "base64").toString("utf8").split(":");
	return tokens.byCredentials(id, secret, anyConnection);
}

/** Parses the `deri-hmac-sha256` parameters `id=…,ts=…,nonce=…,sig=…`, and adds the text of the request that the signature covers. */
function signedRequest({ method, url, target, body }: WireRequest, value: string) {
	const members = new Map(
		value.split(",").map((member) => {
			const [name = "", ...rest] = member.split("=");
			return [name, rest.join("=")];
		}),
	);
	return {
		clientId: members.get("id") ?? "",
		timestamp: Number(members.get("ts") || Number.NaN),
		nonce: members.get("nonce") ?? "",
		data: `${method}\n${target ?? url.pathname + url.search}\n${body}\n`,
		signature: members.get("sig") ?? "",
	};
}

function json(status: number, body: object): WireReply {
	return { kind: "reply", status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
