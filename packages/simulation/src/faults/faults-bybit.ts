import type { BybitConnection } from "@x/bybit-dcp";
import type { Route } from "../network/simulated-route.ts";
import { between, chance, pick } from "../world/seeded-random.ts";
import { type Fault, lasting, once, type TriggerFault } from "./fault-definition.ts";

const topics = { DERIVATIVES: "dcp.future", SPOT: "dcp.spot", OPTIONS: "dcp.option" } as const;

/** What the faults of Bybit need: the session, the network to its venue, and a callback. */
interface BybitContext {
	readonly products: readonly (keyof typeof topics)[];
	readonly route: Route;
	/** Returns the present connection of the session; undefined if it has none. */
	readonly handle: () => BybitConnection | undefined;
	/** Called when the venue loses topics of a connection that stays open. */
	readonly onTopicsLost: () => void;
}

/** Faults of Bybit itself, and calls of the program over the session's connection that change the protection. */
export function bybitFaults(pull: TriggerFault, { products, route, handle, onTopicsLost }: BybitContext): Fault[] {
	const { machine } = route.world;
	const calls = (): number => route.calls;
	const switched = (
		name: string,
		fault: string,
		on: Record<string, unknown>,
		off: Record<string, unknown>,
		mostMs: number,
	): Fault => lasting(name, pull, { fault, on, off, mostMs });
	let queued = 0;
	let callsBefore = 0;
	const withheld = (kind: string): Fault =>
		switched(`no ${kind} answers`, "withhold", { [kind]: true }, { [kind]: false }, 60_000);
	const force = (name: string, answer: Record<string, unknown>, weight = 1): Fault => ({
		name,
		weight,
		inject: (random) => {
			// The simulated venue keeps each planned (wrong) answer until a call uses it. While more than four are unused, this fault plans no
			// further answer. Otherwise calls would still get wrong answers long after the burst of faults.
			queued = Math.max(0, queued - (calls() - callsBefore));
			callsBefore = calls();
			if (queued > 4) return undefined;
			const times = between(random, 1, 3);
			queued += times;
			pull("force", { ...answer, times });
			return {};
		},
	});
	return [
		...["auth", "subscribe", "pong", "reply"].map(withheld),
		{
			name: "entitlement withdrawn",
			weight: 2,
			inject: (random) => {
				const product = pick(random, products);
				pull("entitle", { product, enabled: false });
				return {
					text: product,
					voidsOrders: true,
					forMs: between(random, 1_000, 400_000),
					undo: () => void pull("entitle", { product, enabled: true }),
				};
			},
		},
		{
			name: "somebody sets the window",
			weight: 3,
			inject: (random) => {
				const seconds = pick(random, [3, 30, 300]);
				pull("setWindow", { product: pick(random, products), seconds });
				return { text: `${seconds} s`, voidsOrders: true };
			},
		},
		{
			name: "somebody sets the window and sets are ignored",
			weight: 2,
			inject: (random) => {
				pull("setWindow", { product: pick(random, products), seconds: 300 });
				pull("ignoreSet", { on: true });
				const undo = (): void => void pull("ignoreSet", { on: false });
				return { forMs: between(random, 10_000, 400_000), voidsOrders: true, undo };
			},
		},
		switched("sets are ignored", "ignoreSet", { on: true }, { on: false }, 200_000),
		{
			name: "venue clock",
			weight: 2,
			inject: (random) => {
				const ms = between(random, -8_000, 8_000);
				pull("skew", { ms });
				return { text: `${ms} ms`, forMs: between(random, 1_000, 600_000), undo: () => void pull("skew", { ms: 0 }) };
			},
		},
		{
			name: "address banned",
			weight: 2,
			inject: (random) => {
				const forMs = between(random, 1_000, 600_000);
				pull("ban", { forMs });
				return { forMs };
			},
		},
		...["Request not authorized", "already", "error:unknown"].map((text) =>
			switched(`subscribe refused: ${text}`, "refuse", { subscribe: text }, { subscribe: null }, 20_000),
		),
		switched("auth refused", "refuse", { auth: "Params Error" }, { auth: null }, 20_000),
		force("too many visits", { retCode: 10006 }, 2),
		force("server error", { retCode: 10016 }),
		force("server timeout", { retCode: 10000 }),
		force("unknown code", { retCode: 99_999 }),
		force("proxy page", { status: 200, body: "<html>" }),
		force("short list", { status: 200, body: '{"retCode":0,"result":{"dcpInfos":[{"product":"DERIVATIVES"}]}}' }),
		{
			name: "outage of a minute",
			weight: 3,
			inject: (random) => {
				const forMs = between(random, 40_000, 120_000);
				route.network.cut = true;
				route.halfOpen();
				const undo = (): void => {
					route.network.cut = false;
				};
				return { forMs, undo };
			},
		},
		{
			// The venue ends the subscriptions, but the connection stays open and answers pings.
			name: "topics lost",
			weight: 4,
			inject: (random) => {
				const lost = chance(random, 0.7) ? topics[pick(random, products)] : undefined;
				pull("loseTopics", lost === undefined ? {} : { topic: lost });
				onTopicsLost();
				return { text: lost ?? "all" };
			},
		},
		{
			// The key has worked before, so the session does not believe a single refusal, and logs in again at once.
			name: "one login refused: API key is invalid",
			weight: 2,
			inject: () => {
				if (!handle()) return undefined;
				pull("refuse", { auth: "API key is invalid.", times: 1 });
				route.drop();
				return { forMs: 20_000, undo: () => void pull("refuse", { auth: null }) };
			},
		},
		{
			name: "the program subscribes a stream over the guarded connection",
			weight: 2,
			inject: (random) => {
				const connection = handle();
				if (!connection || machine.isFrozen) return undefined;
				machine.deliver(() => void connection.subscribe("order").catch(() => undefined));
				// The client cannot unsubscribe, so only the end of the connection ends the subscription.
				return { forMs: between(random, 1_000, 200_000), voidsOrders: true, undo: () => route.drop() };
			},
		},
		once("going away", () => void pull("hangUp", {})),
		{
			name: "odd frame",
			inject: (random) => {
				const text = pick(random, ["", "{", '{"op":"pong"}', '{"op":"pong","req_id":"1"}', "[]", '{"topic":"dcp"}']);
				pull("sendFrame", { text });
				return {};
			},
		},
		{
			name: "key expired",
			weight: 0.3,
			inject: () => {
				pull("force", { retCode: 33004, times: 1 });
				return { fatal: true };
			},
		},
	];
}
