import type { components } from "../generated/deribit-session.ts";
import { isSuppressed } from "./active-faults.ts";
import type { SimConnection } from "./connection.ts";
import type { Credits } from "./credits.ts";
import { Failure } from "./failure.ts";
import { type Call, type Method, methods, type State } from "./methods.ts";
import { Params } from "./params.ts";
import { allows } from "./scope.ts";
import type { Grant } from "./tokens.ts";

type Reply = components["schemas"]["ReplyFrame"];

/** A request as it came in, from a frame, a body or a query. */
export interface Request {
	id?: unknown;
	method: string;
	params: unknown;
	fromQuery: boolean;
}

/** Who asks. */
export interface Caller {
	connection: SimConnection | undefined;
	address: string;
	/** From an `Authorization` header. */
	grant: Grant | undefined;
}

/** Judges and carries out one request. `undefined` when nothing is to be sent back. */
export function answer(
	request: Request,
	caller: Caller,
	state: State,
	credits: Credits,
): { body: Reply; failed: boolean; rateLimited: boolean } | undefined {
	const arrivedAt = microseconds();
	const { connection } = caller;
	try {
		if (request.id === undefined && connection && state.settings.withoutId === "refuse") throw new Failure(11050);
		const result = carryOut(request, caller, state, credits);
		if (result === undefined || isSuppressed(state.faults, request.method)) return undefined;
		return { body: reply(request.id, { result }, arrivedAt, state), failed: false, rateLimited: false };
	} catch (failure) {
		if (!(failure instanceof Failure)) throw failure;
		if (isSuppressed(state.faults, request.method)) return undefined;
		const body = reply(request.id, { error: errorOf(failure) }, arrivedAt, state);
		return { body, failed: true, rateLimited: failure.code === 10028 };
	}
}

/** The reply to what could not be read. */
export function unreadable(failure: Failure, state: State): Reply {
	return reply(undefined, { error: errorOf(failure) }, microseconds(), state);
}

function carryOut(request: Request, caller: Caller, state: State, credits: Credits): NonNullable<unknown> | undefined {
	const method = methods[request.method];
	if (!method) throw new Failure(-32601);
	if (state.faults.maintenance) throw new Failure(11051);
	const params = new Params(request.params, request.fromQuery);
	const { webSocketOnly } = method;
	const refusesHttp = typeof webSocketOnly === "function" ? webSocketOnly(params, state.settings) : webSocketOnly;
	if (refusesHttp && !caller.connection) throw new Failure(state.settings.webSocketOnlyCode);
	const grant = grantFor(method, params, caller, state);
	if (method.needs && state.faults.rateLimitNext) {
		state.faults.rateLimitNext = false;
		throw new Failure(10028);
	}
	const owner = (grant ?? caller.connection?.grant) ? "account" : caller.address;
	if (!method.free && !credits.take(owner, method.subscribes ? "subscribe" : "call")) throw new Failure(10028);
	if (method.needs && method.needs !== "any" && !allows(grant?.scope ?? [], method.needs)) throw new Failure(13021);
	const call: Call = { params, connection: caller.connection, grant };
	return method.handle(call, state) ?? undefined;
}

/** What authorises a private call: a token in the parameters, the connection's own, or the header of an HTTP request. */
function grantFor({ needs }: Method, params: Params, caller: Caller, { tokens, settings }: State): Grant | undefined {
	if (!needs) return undefined;
	const id = caller.connection?.id;
	const given = params.optionalText("access_token");
	const grant = given === undefined ? (caller.connection?.grant ?? caller.grant) : tokens.withAccessToken(given, id);
	if (!grant || !tokens.isGood(grant, id)) throw new Failure(settings.unauthorizedCode, { reason: "invalid_token" });
	return grant;
}

function reply(id: unknown, outcome: { result: unknown } | { error: object }, usIn: number, state: State): Reply {
	const usOut = Math.max(usIn, microseconds());
	return {
		jsonrpc: "2.0",
		...(id === undefined ? {} : { id }),
		...outcome,
		...(state.settings.stamps ? { usIn, usOut, usDiff: usOut - usIn, testnet: state.settings.testnet } : {}),
		// `id` and `result` are whatever the request and the method say.
	} as Reply;
}

function errorOf({ code, message, data }: Failure): components["schemas"]["RpcError"] {
	// `data` is JSON by what the methods throw.
	return { code, message, ...(data === undefined ? {} : { data }) } as components["schemas"]["RpcError"];
}

function microseconds(): number {
	return Date.now() * 1_000;
}
