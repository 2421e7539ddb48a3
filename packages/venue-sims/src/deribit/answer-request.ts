import type { components } from "../generated/deribit-session.ts";
import { isSuppressed, takeRefusal } from "./active-faults.ts";
import type { SimConnection } from "./connection.ts";
import type { CreditPools } from "./credit-pools.ts";
import { DeribitFailure } from "./error-reply.ts";
import type { Call, Method, State } from "./method-definition.ts";
import { methods } from "./methods.ts";
import { Params } from "./request-params.ts";
import { allows } from "./token-scope.ts";
import type { Grant } from "./tokens.ts";

type Reply = components["schemas"]["ReplyFrame"];

/** A JSON-RPC request from a frame, a body or a query. */
export interface Request {
	id?: unknown;
	method: string;
	params: unknown;
	fromQuery: boolean;
}

/** The sender of a request. */
export interface Caller {
	connection: SimConnection | undefined;
	address: string;
	/** The grant (the tokens of one login) that belongs to the `Authorization` header. */
	grant: Grant | undefined;
}

/** Checks and executes one request. Returns undefined if there is no reply. */
export function answer(
	request: Request,
	caller: Caller,
	state: State,
	credits: CreditPools,
): { body: Reply; failed: boolean; rateLimited: boolean } | undefined {
	const arrivedAt = state.clock.now(state.tokens.skewMs);
	const { connection } = caller;
	try {
		if (request.id === undefined && connection && state.settings.withoutId === "refuse")
			throw new DeribitFailure(11050);
		const result = execute(request, caller, state, credits);
		if (result === undefined || isSuppressed(state.faults, request.method)) return undefined;
		return { body: reply(request.id, { result }, arrivedAt, state), failed: false, rateLimited: false };
	} catch (failure) {
		if (!(failure instanceof DeribitFailure)) throw failure;
		if (isSuppressed(state.faults, request.method)) return undefined;
		const body = reply(request.id, { error: errorOf(failure) }, arrivedAt, state);
		return { body, failed: true, rateLimited: failure.code === 10028 };
	}
}

/** The reply to a request that could not be parsed. */
export function unreadable(failure: DeribitFailure, state: State): Reply {
	return reply(undefined, { error: errorOf(failure) }, state.clock.now(state.tokens.skewMs), state);
}

function execute(
	request: Request,
	caller: Caller,
	state: State,
	credits: CreditPools,
): NonNullable<unknown> | undefined {
	// Only own properties are methods, not inherited ones such as "constructor".
	const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
	if (!method) throw new DeribitFailure(-32601);
	if (state.faults.maintenance) throw new DeribitFailure(11051);
	const refusal = takeRefusal(state.faults, request.method);
	if (refusal) throw refusal;
	const params = new Params(request.params, request.fromQuery);
	const { webSocketOnly } = method;
	const refusesHttp = typeof webSocketOnly === "function" ? webSocketOnly(params, state.settings) : webSocketOnly;
	if (refusesHttp && !caller.connection) throw new DeribitFailure(state.settings.webSocketOnlyCode);
	const grant = grantFor(method, params, caller, state);
	if (method.needs && state.faults.rateLimitNext) {
		state.faults.rateLimitNext = false;
		throw new DeribitFailure(10028);
	}
	const poolOwner = (grant ?? caller.connection?.grant) ? "account" : caller.address;
	if (!credits.tryAcquire(poolOwner, method.pool ?? "call")) throw new DeribitFailure(10028);
	if (method.needs && method.needs !== "any" && !allows(grant?.scope ?? [], method.needs))
		throw new DeribitFailure(13021);
	const call: Call = { params, connection: caller.connection, grant };
	return method.handle(call, state) ?? undefined;
}

/**
 * Finds the grant (the tokens of one login) that authorizes a private call: by the access token in the parameters, else by the connection,
 * else by the `Authorization` header.
 */
function grantFor({ needs }: Method, params: Params, caller: Caller, { tokens, settings }: State): Grant | undefined {
	if (!needs) return undefined;
	const id = caller.connection?.id;
	const accessToken = params.optionalText("access_token");
	const grant =
		accessToken === undefined ? (caller.connection?.grant ?? caller.grant) : tokens.withAccessToken(accessToken, id);
	if (!grant || !tokens.isValid(grant, id))
		throw new DeribitFailure(settings.unauthorizedCode, { reason: "invalid_token" });
	return grant;
}

function reply(id: unknown, outcome: { result: unknown } | { error: object }, usIn: number, state: State): Reply {
	const usOut = state.clock.now(state.tokens.skewMs);
	return {
		jsonrpc: "2.0",
		...(id === undefined ? {} : { id }),
		...outcome,
		...(state.settings.stamps ? { usIn, usOut, usDiff: usOut - usIn, testnet: state.settings.testnet } : {}),
		// The cast is safe: `id` has the type that the request gave it, and `result` the type that the method returns.
	} as Reply;
}

function errorOf({ code, message, data }: DeribitFailure): components["schemas"]["RpcError"] {
	// The members are in the order of replies recorded in 2026. The cast is safe: the methods throw only JSON values as `data`.
	return { code, ...(data === undefined ? {} : { data }), message } as components["schemas"]["RpcError"];
}
