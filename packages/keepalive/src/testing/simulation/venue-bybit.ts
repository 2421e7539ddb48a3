import { createHmac } from "node:crypto";
import { BybitVenue, type BybitVenueOptions, Link } from "@x/venue-sims";
import { type BybitSettings, bybit } from "../../venues/bybit/index.ts";
import { type Fault, lasting } from "./faults.ts";
import type { Machine } from "./machine.ts";
import { network } from "./network.ts";
import { between, pick } from "./seeded.ts";
import type { Stage } from "./stage.ts";

type Options = Required<Pick<BybitSettings, "products" | "windowSeconds" | "maxActiveTimeSeconds" | "verifyEveryMs">>;

const key = { apiKey: "sim-bybit-key", apiSecret: "sim-bybit-secret" };
const pingMs = 10_000;

/** A session at a simulated Bybit, with settings and readings of the documentation as the seed draws them. */
export function bybitStage(
	machine: Machine,
	random: () => number,
	latencyMs: number,
	countdownStartsWith: "last" | "first",
): Stage & { readonly products: Options["products"] } {
	const options: Options = {
		products: pick<Options["products"]>(random, [
			["DERIVATIVES"],
			["DERIVATIVES", "SPOT"],
			["OPTIONS", "DERIVATIVES", "SPOT"],
		]),
		windowSeconds: pick(random, [3, 10, 40]),
		maxActiveTimeSeconds: pick(random, [30, 60]),
		verifyEveryMs: pick(random, [1_000, 15_000, 60_000]),
	};
	const venueOptions: BybitVenueOptions = {
		...key,
		windowSeconds: pick(random, [10, 40]),
		settleMs: pick(random, [0, 10_000, 14_000]),
		setReply: pick(random, ["short", "full"]),
		emptyList: pick(random, ["array", "null", "absent"]),
		setWhenNotEnabled: pick(random, ["refuse", "accept"]),
		subscribeWhenNotEnabled: pick(random, ["refuse", "accept"]),
		countdownStartsWith,
	};
	const { products, windowSeconds } = options;
	const venue = new BybitVenue(venueOptions);
	const link = new Link(venue);
	const { fetch, WebSocket, seen, sent, accepted } = network(link, machine, latencyMs);
	// Signs in the same tick: real cryptography would not wait for the fake clock.
	const signer = (text: string): string => createHmac("sha256", key.apiSecret).update(text).digest("hex");
	const session = bybit({ apiKey: key.apiKey, signer, fetch, WebSocket, pingMs, ...options });
	const beatMs = Math.min((options.maxActiveTimeSeconds * 1_000) / 3, pingMs);
	return {
		name: session.name,
		link,
		session,
		products,
		seen,
		sent,
		accepted,
		pull: (lever, args = {}) => link.levers[lever]?.(args),
		truth: () => {
			const truths = products.map((product) => venue.truth()[product]);
			if (truths.some(({ state }) => state === "not-enabled")) return "off";
			if (truths.some(({ state }) => state !== "armed")) return "dead";
			return truths.every((truth) => truth.windowSeconds <= windowSeconds) ? "yes" : "off";
		},
		bounds: { dead: beatMs + 3_000 + 1_000, off: options.verifyEveryMs + 2 * beatMs + 1_000 },
		settings: { latencyMs, options, venueOptions },
	};
}

/** What goes wrong at Bybit; `skewMs` is how far the venue's clock may be off. */
export function bybitFaults(stage: Stage, products: readonly string[], skewMs: number): Fault[] {
	const off = (kind: string) => ({ [kind]: false });
	let queued = 0;
	let callsBefore = 0;
	return [
		...["auth", "subscribe", "pong", "reply"].map((kind) =>
			lasting(`withhold ${kind}`, stage, "withhold", { [kind]: true }, off(kind), 60_000),
		),
		{
			name: "entitle off",
			strike: (random) => {
				const product = pick(random, products);
				stage.pull("entitle", { product, enabled: false });
				return {
					forMs: between(random, 1_000, 200_000),
					undo: () => void stage.pull("entitle", { product, enabled: true }),
				};
			},
		},
		{
			name: "setWindow",
			strike: (random) => {
				const seconds = pick(random, [3, 30, 300]);
				stage.pull("setWindow", { product: pick(random, products), seconds });
				return { text: `${seconds}` };
			},
		},
		lasting("ignoreSet", stage, "ignoreSet", { on: true }, { on: false }, 200_000),
		{
			name: "skew",
			strike: (random) => {
				const ms = between(random, -skewMs, skewMs);
				stage.pull("skew", { ms });
				return {
					text: `${ms}`,
					forMs: between(random, 1_000, 300_000),
					undo: () => void stage.pull("skew", { ms: 0 }),
				};
			},
		},
		{
			name: "ban",
			strike: (random) => {
				const forMs = between(random, 1_000, 600_000);
				stage.pull("ban", { forMs });
				return { forMs };
			},
		},
		...["Request not authorized", "already", "error:unknown"].map((text) =>
			lasting(`refuse subscribe ${text}`, stage, "refuse", { subscribe: text }, { subscribe: null }, 20_000),
		),
		lasting("refuse auth", stage, "refuse", { auth: "Params Error" }, { auth: null }, 20_000),
		{
			name: "force",
			strike: (random) => {
				const answer = pick(random, [
					{ retCode: 10006 },
					{ retCode: 10016 },
					{ retCode: 10000 },
					{ status: 502, body: "<html>" },
					{ status: 200, body: "<html>" },
					{ retCode: 99_999 },
					{ status: 200, body: '{"retCode":0,"result":{"dcpInfos":[{"product":"DERIVATIVES"}]}}' },
				]);
				// Those not used yet cannot be taken back: a queue of them would outlast the storm. Each call uses one up.
				const calls = stage.seen.filter(({ kind }) => kind === "http").length;
				queued = Math.max(0, queued - (calls - callsBefore));
				callsBefore = calls;
				if (queued > 4) return {};
				const times = between(random, 1, 3);
				queued += times;
				stage.pull("force", { ...answer, times });
				return { text: JSON.stringify(answer) };
			},
		},
		{
			name: "say",
			strike: (random) => {
				stage.pull("say", {
					text: pick(random, ["", "{", '{"op":"pong"}', '{"op":"pong","req_id":"1"}', "[]", '{"topic":"dcp"}']),
				});
				return {};
			},
		},
	];
}
