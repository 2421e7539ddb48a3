import type { IncomingMessage, ServerResponse } from "node:http";
import { sentence } from "@x/base/errors";
import { isKeeperError, type OrdersOnClose, type StatusRecord } from "@x/keepalive";
import { isLedElsewhere, sessionView, sessionViews, signAges, statusText } from "../agent/session-view.ts";
import type { Agent } from "../agent/start-agent.ts";
import { ConfigError } from "../config/config-error.ts";
import type { components } from "../generated/schema.ts";
import type { History } from "../history/history.ts";
import { historyPage, timeline } from "../history/history-routes.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { PageFiles } from "../page/page-files.ts";
import type { Strategies } from "../strategies/strategies.ts";
import type { EventStreams } from "./event-stream.ts";
import { Problem } from "./http-problem.ts";
import { readJsonObject } from "./read-json-body.ts";
import type { RequestGuard } from "./request-guard.ts";

type Schemas = components["schemas"];

/** The parts of the agent that the HTTP routes need to answer requests. */
export interface RouteContext {
	readonly agent: Agent;
	readonly guard: RequestGuard;
	readonly metrics: Metrics;
	readonly page: PageFiles;
	readonly streams: EventStreams;
	/** Reads the configuration again and applies it. @throws ConfigError if the configuration is wrong; then nothing has changed. */
	readonly reload: () => Promise<Schemas["Reloaded"]>;
	/** Is called before all sessions are closed at the request of a caller. */
	readonly onStop: () => void;
	readonly strategies: Strategies;
	/** Undefined when no history is kept. */
	readonly history: History | undefined;
}

/** An event loop that has not run for this many milliseconds counts as blocked. */
const deadLoopMs = 5_000;

/** Answers one request. @throws Problem for a request that is refused. */
export async function answer(context: RouteContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { agent, guard, metrics, page, streams, strategies, history } = context;
	guard.requireKnownHost(request);
	const [path = "", query = ""] = (request.url ?? "").split("?");
	if (page.has(path)) {
		requireMethod(request, "GET");
		return page.send(path, request, response);
	}
	switch (path) {
		case "/livez": {
			requireMethod(request, "GET");
			const loopAgeMs = Math.round(agent.loop.ageMs);
			const mainLoopAgeMs = Math.round(agent.mainLoop.ageMs);
			const live = Math.max(loopAgeMs, mainLoopAgeMs) < deadLoopMs;
			return sendJson(response, live ? 200 : 503, { live, loopAgeMs, mainLoopAgeMs } satisfies Schemas["Liveness"]);
		}
		case "/readyz": {
			requireMethod(request, "GET");
			const notReady = sessionViews(agent)
				.filter((view) => !isLedElsewhere(view))
				.flatMap(({ name, notReadyReason: reason }) => (reason ? [{ name, reason }] : []));
			const ready = notReady.length === 0;
			return sendJson(response, ready ? 200 : 503, { ready, notReady } satisfies Schemas["Readiness"]);
		}
		case "/metrics":
			requireMethod(request, "GET");
			return send(response, 200, metrics.contentType, await metrics.text());
		case "/v1/sessions":
			requireMethod(request, "GET");
			guard.requireReader(request);
			return sendJson(response, 200, {
				at: Date.now(),
				sessions: sessionViews(agent),
			} satisfies Schemas["SessionList"]);
		case "/v1/events":
			requireMethod(request, "GET");
			guard.requireReader(request);
			return streams.serve(request, response);
		case "/v1/history":
			requireMethod(request, "GET");
			guard.requireReader(request);
			return send(response, 200, "application/json", await historyPage(history, query));
		case "/v1/timeline":
			requireMethod(request, "GET");
			guard.requireReader(request);
			return send(response, 200, "application/json", await timeline(history, query, agent.venues));
		case "/v1/strategies":
			requireMethod(request, "GET");
			guard.requireReader(request);
			return sendJson(response, 200, {
				strategies: strategies.names.map((name) => strategies.view(name)),
			} satisfies Schemas["StrategyList"]);
		case "/v1/reload":
			requireMethod(request, "POST");
			guard.requireWriter(request);
			await requireEmpty(request);
			return sendJson(response, 200, await reload(context));
		case "/v1/stop":
			requireMethod(request, "POST");
			guard.requireWriter(request);
			return sendJson(response, 200, await stop(context, await readJsonObject(request)));
	}
	const [, kind, encoded = "", action] = /^\/v1\/(sessions|strategies)\/([^/]+)(?:\/([a-z]+))?$/.exec(path) ?? [];
	const name = decode(encoded);
	if (kind === "sessions")
		return answerForSession(context, requireName("session", [...agent.venues.keys()], name), action, request, response);
	if (kind === "strategies")
		return answerForStrategy(context, requireName("strategy", strategies.names, name), action, request, response);
	throw noSuchPath();
}

async function answerForSession(
	{ agent, guard }: RouteContext,
	name: string,
	action: string | undefined,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	switch (action) {
		case undefined:
			requireMethod(request, "GET");
			guard.requireReader(request);
			return sendJson(response, 200, sessionView(agent, name));
		case "armed": {
			requireMethod(request, "GET");
			guard.requireReader(request);
			const reason = notArmedReason(agent, name);
			if (reason !== undefined) throw new Problem(409, reason);
			const record = agent.keeper.current(name);
			const { epoch } = record;
			const answer = { armed: true, ...signAges(record, Date.now()), ...(epoch !== undefined && { epoch }) } as const;
			return sendJson(response, 200, answer satisfies Schemas["Armed"]);
		}
		case "retry":
			requireMethod(request, "POST");
			guard.requireWriter(request);
			await requireEmpty(request);
			return sendJson(response, 200, await retry(agent, name));
		default:
			throw noSuchPath();
	}
}

async function answerForStrategy(
	{ strategies, guard }: RouteContext,
	name: string,
	action: string | undefined,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	switch (action) {
		case undefined:
			requireMethod(request, "GET");
			guard.requireReader(request);
			return sendJson(response, 200, strategies.view(name));
		case "pulse":
			requireMethod(request, "POST");
			guard.requireWriter(request);
			await requireEmpty(request);
			if (!strategies.takesHttpPulses(name)) {
				throw new Problem(409, `strategy ${name} sends its pulses by pulseFile or processIdFile, not over HTTP`);
			}
			await strategies.pulse(name);
			return sendJson(response, 200, strategies.view(name));
		default:
			throw noSuchPath();
	}
}

/** The reason why no order may be sent; undefined while the session is armed. */
function notArmedReason({ keeper }: Agent, name: string): string | undefined {
	try {
		keeper.requireArmed(name);
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : "not armed";
	}
}

const noSuchPath = (): Problem => new Problem(404, "there is nothing at this path");

/** @throws Problem (400) if the body of the request is not an empty JSON object. */
async function requireEmpty(request: IncomingMessage): Promise<void> {
	if (Object.keys(await readJsonObject(request)).length > 0) throw new Problem(400, "the body must be {}");
}

/** @throws Problem (422) if the configuration is wrong. */
async function reload({ reload: run }: RouteContext): Promise<Schemas["Reloaded"]> {
	try {
		return await run();
	} catch (error) {
		if (error instanceof ConfigError)
			throw new Problem(422, `the configuration is wrong, nothing was changed: ${error.message}`);
		throw error;
	}
}

async function retry({ keeper }: Agent, name: string): Promise<Schemas["Retried"]> {
	const { status } = keeper.current(name);
	const { state } = status;
	if (state !== "waiting" && state !== "blocked" && state !== "lost" && state !== "stopped") {
		return { waitMs: 0, notTried: statusText(status) };
	}
	try {
		return { waitMs: await keeper.retry(name) };
	} catch (error) {
		if (isKeeperError(error) && error.kind === "stopped")
			throw new Problem(409, stoppedText(name, keeper.current(name)));
		if (isKeeperError(error) && error.kind === "worker")
			throw new Problem(503, "the thread that runs the sessions does not answer: try again");
		throw error;
	}
}

/** Says why a stopped session is not retried, and how to open it again. */
function stoppedText(name: string, { status }: StatusRecord): string {
	if (status.state === "stopped" && status.why === "fatal") {
		return `session ${name} has failed for good: ${sentence(status.cause.message)} Fix the cause, then start the agent again`;
	}
	return `session ${name} was stopped on request. It is opened again when the agent is started again`;
}

async function stop(
	{ agent, onStop }: RouteContext,
	body: Readonly<Record<string, unknown>>,
): Promise<Schemas["Stopped"]> {
	const { orders, session, ...others } = body;
	if (!isOrders(orders)) throw new Problem(400, 'orders must be "keep" or "cancel"');
	if (session !== undefined && typeof session !== "string") throw new Problem(400, "session must be a name");
	if (Object.keys(others).length > 0) throw new Problem(400, "the body may only have the members orders and session");
	const name = session === undefined ? undefined : requireName("session", [...agent.venues.keys()], session);
	if (name === undefined) onStop();
	const closed = await agent.keeper.stop(name === undefined ? { orders } : { orders, session: name });
	return { closed: { ...closed } };
}

const isOrders = (value: unknown): value is OrdersOnClose => value === "keep" || value === "cancel";

/** @throws Problem (404) if `name` is not one of `known`. */
function requireName(what: string, known: readonly string[], name: string): string {
	if (known.includes(name)) return name;
	throw new Problem(404, `there is no such ${what} (there are ${known.join(", ") || "none"})`);
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** @throws Problem (405) if the request has another method than `allowed`; HEAD is allowed with GET. */
function requireMethod({ method }: IncomingMessage, allowed: "GET" | "POST"): void {
	if (method === allowed || (allowed === "GET" && method === "HEAD")) return;
	throw new Problem(405, `the method must be ${allowed}`, { allow: allowed });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
	send(response, status, "application/json", JSON.stringify(body));
}

/** Sends a complete response. */
export function send(
	response: ServerResponse,
	status: number,
	contentType: string,
	body: string,
	headers: Readonly<Record<string, string>> = {},
): void {
	response.writeHead(status, {
		"content-type": contentType,
		"content-length": Buffer.byteLength(body),
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
		...headers,
	});
	response.end(body);
}
