import { createPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, type IbkrVenueOptions, Link } from "@x/venue-sims";
import { type IbkrOptions, ibkr } from "../../venues/ibkr/index.ts";
import { type Fault, once } from "./faults.ts";
import type { Machine } from "./machine.ts";
import { network } from "./network.ts";
import { between, pick } from "./seeded.ts";
import type { Stage } from "./stage.ts";

type Options = Required<Pick<IbkrOptions, "tickleMs" | "compete" | "pollMs" | "logoutOnClose">>;

const callTimeoutMs = 12_000;

/** A session at a simulated gateway, with settings and readings of the documentation as the seed draws them. */
export function ibkrStage(machine: Machine, random: () => number, latencyMs: number): Stage {
	const options: Options = {
		tickleMs: pick(random, [1_200, 10_000, 60_000]),
		compete: random() < 0.3,
		pollMs: pick(random, [500, 1_000, 5_000]),
		logoutOnClose: random() < 0.3,
	};
	const venueOptions: IbkrVenueOptions = {
		// Nobody is there to log in after the storm.
		loginMs: 20 * 86_400_000,
		sendEstablished: random() < 0.5,
		rivalShows: random() < 0.5,
		resetEndsLogin: random() < 0.5,
		accountsWhileLoading: pick(random, [200, 400]),
		accountsWithoutBrokerage: pick(random, [400, 401]),
		redirectToLogin: random() < 0.3,
		loggedOut: {
			tickle: pick(random, [200, 401]),
			status: pick(random, [200, 401]),
			init: pick(random, [401, 410, 503]),
			validate: pick(random, [200, 401]),
		},
	};
	const venue = new IbkrVenue(venueOptions);
	const link = new Link(venue);
	const { fetch, seen, sent, accepted } = network(link, machine, latencyMs);
	// A box of its own: that of the process would remember the run before.
	const session = ibkr({ fetch, callTimeoutMs, penaltyBox: createPenaltyBox(), ...options });
	const bound = options.tickleMs + callTimeoutMs + 2_000;
	return {
		name: session.name,
		link,
		session,
		seen,
		sent,
		accepted,
		pull: (lever, args = {}) => link.levers[lever]?.(args),
		truth: () => {
			const { loggedIn, brokerage } = venue.truth();
			return loggedIn && brokerage === "live" ? "yes" : "dead";
		},
		bounds: { dead: bound, off: bound },
		settings: { latencyMs, options, venueOptions },
	};
}

/** What goes wrong at Interactive Brokers. */
export function ibkrFaults(stage: Stage): Fault[] {
	return [
		{
			name: "compete",
			strike: (random) => {
				stage.pull("compete", {});
				return { forMs: between(random, 1_000, 300_000), undo: () => void stage.pull("leave", {}) };
			},
		},
		once("idle", () => void stage.pull("idle")),
		{
			name: "expireSso",
			strike: (random) => {
				stage.pull("expireSso");
				return { forMs: between(random, 5_000, 300_000), undo: () => void stage.pull("login") };
			},
		},
		{
			name: "reset",
			strike: (random) => {
				stage.pull("reset");
				return { forMs: between(random, 5_000, 300_000), undo: () => void stage.pull("login") };
			},
		},
		{
			name: "penalty",
			strike: (random) => {
				const forMs = between(random, 1_000, 900_000);
				stage.pull("penalty", { forMs });
				return { forMs };
			},
		},
		{
			name: "answer",
			strike: (random) => {
				const plan = pick(random, [
					{ status: 500, body: "" },
					{ status: 503, body: '{"error":"service unavailable","statusCode":503}' },
					{ status: 401, body: "Access Denied", path: "/tickle" },
					{ status: 401, body: "not authenticated", path: "/iserver/accounts" },
					{ status: 200, body: "{}" },
					{ status: 200, body: "<html></html>" },
					{ status: 200, body: '{"error":"no session"}', path: "/tickle" },
					{ status: 400, body: '{"error":"Bad Request: no bridge","statusCode":400}' },
					{ status: 200, body: '{"session":"abc","iserver":{"authStatus":{}}}', path: "/tickle" },
					{ status: 403, body: "" },
				]);
				// Those not used yet cannot be taken back: a queue of them would outlast the storm.
				if (Number(stage.pull("answer", { times: 0 })) > 4) return {};
				stage.pull("answer", { ...plan, times: 1 + Math.floor(random() * 4) });
				return { text: JSON.stringify(plan) };
			},
		},
	];
}
