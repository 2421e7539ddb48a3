import { type DeribitCredentials, DeribitSessionNames } from "@x/deribit-session";
import { type DeribitSessionOptions, deribit } from "@x/keepalive/deribit";
import { DeribitVenue, type DeribitVenueOptions } from "@x/venue-sims";
import { type Fault, lasting, once, type TriggerFault, triggerOf } from "../faults/faults.ts";
import { networkFaults } from "../faults/faults-network.ts";
import type { Journal } from "../journal.ts";
import { Route } from "../network/route.ts";
import { socketClass } from "../network/sim-socket.ts";
import { between, chance, pick } from "../world/seeded.ts";
import type { World } from "../world/world.ts";
import type { Truth, VenueSetup } from "./venue-setup.ts";

type Options = Required<Pick<DeribitSessionOptions, "intervalSeconds" | "verifyEveryMs" | "cancelScope">>;

/** How long an announced maintenance counts when its end is not announced. */
const longestBreakMs = 2 * 60 * 60_000;

/** A Deribit session with random settings and interpretations of the documentation. */
export function deribitSetup(world: World, journal: Journal, random: () => number, latencyMs: number): VenueSetup {
	const options: Options = {
		intervalSeconds: pick(random, [10, 30, 30, 30, 60, 60]),
		verifyEveryMs: pick(random, [5_000, 60_000, 60_000, 300_000]),
		cancelScope: pick(random, ["connection", "account"]),
	};
	const login: Pick<DeribitCredentials, "grant" | "authScope"> = {
		// The venue accepts a signature for a minute, and answers an older one with wrong credentials, which is fatal.
		grant: pick(random, ["client_credentials", "client_signature"]),
		...(chance(random, 0.4) && { authScope: "session:keeper account:read_write trade:read_write" }),
	};
	const venueOptions: DeribitVenueOptions = {
		accountArmed: chance(random, 0.3),
		answer: pick(random, ["public/test", "any"]),
		...(chance(random, 0.3) ? { graceMs: 10_000 } : {}),
		maintenanceFires: chance(random, 0.5),
		connectionExpiresInSeconds: pick(random, [31_536_000, 31_536_000, 3_600]),
		sessionExpiresInSeconds: pick(random, [900, 3_600]),
		cancelDelayMs: pick(random, [0, 0, 200]),
	};
	const { intervalSeconds, verifyEveryMs } = options;
	const { clientId, clientSecret } = DeribitVenue.defaults;
	const route = new Route("deribit", world, journal, random, latencyMs);
	const venue = route.host(() => new DeribitVenue(venueOptions));
	const pull = triggerOf(venue, (action) => world.visit(route, action));
	const ttlMs = Math.min((intervalSeconds + Math.min(intervalSeconds, 10)) * 1_000, 60_000);
	const truth = world.remembered((): Truth => {
		const { connections, accountArmed } = venue.truth();
		const own = connections.find(({ id }) => id === `connection-${route.connections.length}`);
		if (!own) return "dead";
		const whole = options.cancelScope !== "account" || accountArmed;
		return own.armed && own.heartbeatSeconds === intervalSeconds && whole ? "yes" : "off";
	});
	let announcedAt = Number.NEGATIVE_INFINITY;
	return {
		name: "deribit",
		venue,
		route,
		make: () => {
			const session = deribit({
				client: {
					credentials: { clientId, clientSecret, ...login },
					WebSocket: socketClass(route),
					// A separate registry: the default one would remember the names of the process before.
					sessionNames: new DeribitSessionNames(),
				},
				...options,
			});
			return { session, requireArmed: () => session.requireArmed() };
		},
		truth,
		isOff: () => truth() === "off",
		beatMs: ttlMs / 3,
		bounds: { dead: (2 * ttlMs) / 3 + 1_000, off: verifyEveryMs + (2 * ttlMs) / 3 + 1_000 },
		recoverMs: 420_000,
		// Announced maintenance ends with its announcement, whose frame may be lost or arrive first.
		isAble: () => world.now - announcedAt > longestBreakMs,
		announced: (frame) => {
			announcedAt = frame.includes('"maintenance":true') ? world.now : Number.NEGATIVE_INFINITY;
		},
		unheardMs: ({ connection }) => {
			const line = route.connections[Number(connection?.slice("connection-".length)) - 1];
			return line && world.now - line.venueHeardAt;
		},
		isSavedByReturn: false,
		faults: [
			...networkFaults(route, { frames: true, calls: false }),
			...deribitFaults(pull, venueOptions.maintenanceFires === false),
		],
		settings: { latencyMs, options: { ...options, login }, venueOptions },
	};
}

/** Faults of Deribit itself. */
function deribitFaults(pull: TriggerFault, breaksKeepOrders: boolean): Fault[] {
	const switched = (name: string, fault: string, on: Record<string, unknown>, mostMs: number): Fault =>
		lasting(name, pull, { fault, on, off: { on: false }, mostMs });
	const quiet = (name: string, methods: string[], mostMs: number): Fault =>
		switched(name, "suppressAnswers", { methods }, mostMs);
	return [
		switched("no answers", "suppressAnswers", {}, 90_000),
		quiet("no read-back", ["private/get_cancel_on_disconnect"], 200_000),
		quiet("no test answers", ["public/test"], 60_000),
		quiet("no login answers", ["public/auth"], 60_000),
		switched("arming fails", "failArming", {}, 120_000),
		{ ...switched("arming lies", "ignoreArming", {}, 400_000), weight: 2 },
		once("somebody disarms", () => void pull("disarmAll"), 3, { voidsOrders: true }),
		{
			name: "somebody disarms and arming lies",
			weight: 2,
			inject: () => {
				pull("disarmAll");
				pull("ignoreArming");
				return { forMs: 300_000, voidsOrders: true, undo: () => void pull("ignoreArming", { on: false }) };
			},
		},
		{
			// The next connection gets an ok that arms nothing.
			name: "arming lies to a new connection",
			weight: 2,
			inject: () => {
				pull("disarmAll");
				pull("ignoreArming");
				pull("rateLimit");
				return { forMs: 200_000, voidsOrders: true, undo: () => void pull("ignoreArming", { on: false }) };
			},
		},
		{
			name: "maintenance",
			inject: (random) => {
				pull("maintenance");
				const undo = (): void => void pull("maintenance", { on: false });
				return { forMs: between(random, 1_000, 1_800_000), undo, voidsOrders: breaksKeepOrders };
			},
		},
		switched("maintenance announced", "announceMaintenance", {}, 300_000),
		once("rate limit", () => void pull("rateLimit")),
		once("tokens void", () => void pull("voidTokens")),
		once("refresh tokens spent", () => void pull("spendRefreshTokens")),
		{
			name: "key revoked",
			weight: 0.4,
			inject: () => {
				pull("revoke");
				pull("voidTokens");
				return { forMs: 1_200_000, undo: () => void pull("revoke", { on: false }), fatal: true };
			},
		},
	];
}
