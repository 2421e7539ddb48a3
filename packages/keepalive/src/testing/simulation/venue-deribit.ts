import { DeribitSessionNames } from "@x/deribit-session";
import { DeribitVenue, type DeribitVenueOptions, Link } from "@x/venue-sims";
import { type DeribitSessionOptions, deribit } from "../../venues/deribit/index.ts";
import { type Fault, lasting, once } from "./faults.ts";
import type { Machine } from "./machine.ts";
import { network } from "./network.ts";
import { pick } from "./seeded.ts";
import type { Stage } from "./stage.ts";

type Options = Required<Pick<DeribitSessionOptions, "intervalSeconds" | "verifyEveryMs" | "scope">>;

/** A session at a simulated Deribit, with settings and readings of the documentation as the seed draws them. */
export function deribitStage(machine: Machine, random: () => number, latencyMs: number): Stage {
	const options: Options = {
		intervalSeconds: pick(random, [10, 30, 60]),
		verifyEveryMs: pick(random, [0, 5_000, 60_000]),
		scope: pick(random, ["connection", "account"]),
	};
	const venueOptions: DeribitVenueOptions = {
		accountArmed: random() < 0.3,
		answer: pick(random, ["public/test", "any"]),
		...(random() < 0.3 ? { graceMs: 10_000 } : {}),
		maintenanceFires: random() < 0.5,
	};
	const { intervalSeconds } = options;
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	const { WebSocket, seen, sent, accepted } = network(link, machine, latencyMs);
	const { clientId, clientSecret } = DeribitVenue.defaults;
	// Names of its own: those of the program would remember the run before.
	const session = deribit({ clientId, clientSecret, WebSocket, sessionNames: new DeribitSessionNames(), ...options });
	const ttlMs = Math.min((intervalSeconds + Math.min(intervalSeconds, 10)) * 1_000, 60_000);
	return {
		name: session.name,
		link,
		session,
		seen,
		sent,
		accepted,
		pull: (lever, args = {}) => link.levers[lever]?.(args),
		truth: () => {
			const { connections, accountArmed } = venue.truth();
			const own = connections.find(({ id }) => id === `connection-${accepted()}`);
			if (!own) return "dead";
			const whole = options.scope !== "account" || accountArmed;
			return own.armed && own.heartbeatSeconds === intervalSeconds && whole ? "yes" : "off";
		},
		bounds: { dead: (2 * ttlMs) / 3 + 1_000, off: options.verifyEveryMs + (2 * ttlMs) / 3 + 1_000 },
		settings: { latencyMs, options, venueOptions },
	};
}

/** What goes wrong at Deribit. With `revoke` the key may be taken away, after which nothing can go on. */
export function deribitFaults(stage: Stage, revoke: boolean): Fault[] {
	const off = { on: false };
	return [
		lasting("suppressAnswers", stage, "suppressAnswers", {}, off, 90_000),
		lasting(
			"suppressReadBack",
			stage,
			"suppressAnswers",
			{ methods: ["private/get_cancel_on_disconnect"] },
			off,
			200_000,
		),
		lasting("suppressTest", stage, "suppressAnswers", { methods: ["public/test"] }, off, 60_000),
		lasting("failArming", stage, "failArming", {}, off, 120_000),
		lasting("lieOnEnable", stage, "lieOnEnable", {}, off, 120_000),
		once("disarmAll", () => void stage.pull("disarmAll")),
		lasting("maintenance", stage, "maintenance", {}, off, 200_000),
		once("rateLimit", () => void stage.pull("rateLimit")),
		...(revoke ? [once("revoke", () => void stage.pull("revoke"))] : []),
	];
}
