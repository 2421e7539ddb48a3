import { type DeribitCredentials, DeribitSessionNames } from "@x/deribit-session";
import { type DeribitSession, type DeribitSessionOptions, deribit } from "@x/keepalive/deribit";
import { DeribitVenue, type DeribitVenueOptions } from "@x/venue-sims";
import type { DeribitBots } from "../bots/deribit-bots.ts";
import { triggerOf } from "../faults/fault-definition.ts";
import { deribitFaults, deribitProgramFaults } from "../faults/faults-deribit.ts";
import { networkFaults, silentLine } from "../faults/faults-network.ts";
import { deribitOddAnswers } from "../faults/single-wrong-answers.ts";
import type { Journal } from "../journal.ts";
import { socketClass } from "../network/sim-socket.ts";
import { Route } from "../network/simulated-route.ts";
import { chance, pick } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import { OwnChange } from "./protection-changed-by-program.ts";
import type { Truth, VenueSetup } from "./venue-setup.ts";

type Options = Required<Pick<DeribitSessionOptions, "intervalSeconds" | "verifyEveryMs" | "cancelScope">>;

/** The default ping interval of the session, in milliseconds. */
const ownPingMs = 1_200;
/**
 * A longer ping interval, in milliseconds. It is less than a third of the shortest TTL in the simulation. (The TTL is the time for which
 * one answer keeps a session alive.)
 */
const slowPingMs = 6_000;
/** How many milliseconds a session may take to notice a silent connection: the pong timeout of 960 ms, plus a tolerance. */
const noticedMs = 1_300;
/**
 * For up to this many milliseconds after a slow pong, a session waits longer for its pongs: for one minute, and then until the next pong.
 */
const slowForMs = 75_000;
/** If the end of announced maintenance is not announced, the maintenance is assumed to end after this many milliseconds. */
const longestBreakMs = 2 * 60 * 60_000;

/**
 * A Deribit session with random settings, and its simulated venue, whose undocumented behaviour is random.
 *
 * @param keepsItsPace - whether to use the default ping interval. Only some runs do, because it causes some 70 000 pings a day.
 * @param odd - a separate random source for more of the venue's undocumented behaviour; only in runs with odd answers.
 * @param bots - bots that trade over the connection of the session; only in some runs.
 */
export function deribitSetup(
	world: World,
	journal: Journal,
	random: () => number,
	latencyMs: number,
	keepsItsPace = true,
	odd?: () => number,
	bots?: DeribitBots,
): VenueSetup {
	const pingMs = keepsItsPace ? ownPingMs : slowPingMs;
	const options: Options = {
		intervalSeconds: pick(random, [10, 10, 10, 30, 60, 60]),
		verifyEveryMs: pick(random, [5_000, 60_000, 60_000, 300_000]),
		cancelScope: pick(random, ["connection", "account"]),
	};
	const login: Pick<DeribitCredentials, "grant" | "authScope"> = {
		// Some runs log in with a signature. The venue refuses a signature older than a minute with the same error as wrong credentials. The
		// session must not stop for good because of such a refusal.
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
		...(bots && { limitsMatching: true }),
		...(odd && {
			heartbeatFrame: pick(odd, ["quiet", "always", "never"]),
			maintenanceHandshakes: pick(odd, ["refused", "accepted"]),
			expiryStopsSubscriptions: chance(odd, 0.5),
			subscriptionsPreventIdleDrop: chance(odd, 0.5),
		}),
	};
	const { intervalSeconds, verifyEveryMs } = options;
	const { clientId, clientSecret } = DeribitVenue.defaults;
	const route = new Route("deribit", world, journal, random, latencyMs);
	const venue = route.host(() => new DeribitVenue(venueOptions));
	const pull = triggerOf(venue, (action) => world.visit(route, action));
	const ttlMs = Math.min((intervalSeconds + Math.min(intervalSeconds, 10)) * 1_000, 60_000);
	/**
	 * The number of the connection over which the session has last logged in: 1 for the first connection, 0 before any login. This is not
	 * always the newest connection: the session may open a second one, to find out whether the first one is dead.
	 */
	const ownNumber = (): number => (route.loggedIn ? route.connections.indexOf(route.loggedIn) + 1 : 0);
	/** Whether the connection in use is armed, and has the session's heartbeat interval; undefined without a connection. */
	const settings = world.remembered(() => {
		const { connections, accountArmed } = venue.truth();
		const ownId = `connection-${ownNumber()}`;
		const own = connections.find(({ id }) => id === ownId);
		const isWhole = options.cancelScope !== "account" || accountArmed;
		return own && { isArmed: own.armed && isWhole, hasHeartbeat: own.heartbeatSeconds === intervalSeconds };
	});
	const truth = (): Truth => {
		const own = settings();
		if (!own) return "dead";
		return own.isArmed && own.hasHeartbeat ? "yes" : "off";
	};
	let announcedAt = Number.NEGATIVE_INFINITY;
	/** The number of the connection over which maintenance was announced. */
	let announcedOver = 0;
	let session: DeribitSession | undefined;
	const ownChanges = {
		arming: new OwnChange(() => ({ isOff: settings()?.isArmed === false, connection: ownNumber() })),
		heartbeat: new OwnChange(() => ({
			isOff: settings()?.hasHeartbeat === false,
			connection: ownNumber(),
		})),
	};
	return {
		name: "deribit",
		venue,
		route,
		make: (onOpen) => {
			const made = deribit({
				client: {
					credentials: { clientId, clientSecret, ...login },
					WebSocket: socketClass(route),
					// Each process has its own registry of session names. The default registry would remember the names of the previous process.
					sessionNames: new DeribitSessionNames(),
				},
				...options,
				...(keepsItsPace ? {} : { pingMs }),
				onOpen: async (opened) => {
					await relay?.onOpen(opened.handle, opened.signal).catch((error: unknown) => {
						bots?.failedToOpen();
						throw error;
					});
					await onOpen(opened);
				},
			});
			session = made;
			const relay = bots?.relayFor(made);
			return { session: made, requireArmed: () => made.requireArmed() };
		},
		truth,
		isOff: () => truth() === "off",
		// The longest interval between two beats: over a slow connection, a pong may take up to half of the TTL.
		beatMs: pingMs + ttlMs / 2,
		bounds: { dead: pingMs + ttlMs / 2 + 1_000, off: verifyEveryMs + ttlMs + 2 * pingMs + 1_000 },
		silence: () => {
			const line = route.loggedIn;
			if (!line?.isUp || line.silentSince === undefined) return undefined;
			const since = line.silentSince;
			// Only time during which the machine was awake counts, because a suspension does not make the session forget a slow pong.
			const sinceAwakeMs = world.machine.awakeMs - (world.now - since);
			const slowAwakeMs = Math.max(...route.connections.slice(-20).map((each) => each.slowPongAwakeMs));
			const wasSlow = sinceAwakeMs - slowAwakeMs < slowForMs;
			return { since, mostMs: wasSlow ? pingMs + ttlMs / 2 + 500 : pingMs + noticedMs };
		},
		recoverMs: 420_000,
		// Recovery is possible once the end of maintenance was announced, or two hours after its beginning was announced. The two hours are a
		// fallback, because the announcement of the end may be lost, or arrive before that of the beginning.
		isAble: () => world.now - announcedAt > longestBreakMs,
		announced: (frame) => {
			announcedAt = frame.includes('"maintenance":true') ? world.now : Number.NEGATIVE_INFINITY;
			announcedOver = ownNumber();
		},
		isUnarmed: () => {
			ownChanges.arming.noticed();
			ownChanges.heartbeat.noticed();
		},
		knownOff: () => {
			// One second less than the session's limit (two hours), because the session's clock differs from the world's by fractions of a
			// millisecond.
			const isAnnounced = world.now - announcedAt < longestBreakMs - 1_000 && announcedOver === ownNumber();
			return isAnnounced
				? "maintenance was announced over this connection"
				: (ownChanges.arming.reason() ?? ownChanges.heartbeat.reason());
		},
		unheardMs: ({ connection }) => {
			const line = route.connections[Number(connection?.slice("connection-".length)) - 1];
			return line && world.now - line.venueHeardAt;
		},
		isSavedByReturn: false,
		faults: [
			...networkFaults(route, { frames: true, calls: false }),
			silentLine(route),
			...deribitFaults(pull, venueOptions.maintenanceFires === false),
			...deribitProgramFaults(() => session?.handle, world.machine, { ...options, ownChanges }),
		],
		oddAnswers: deribitOddAnswers(pull),
		settings: { latencyMs, options: { ...options, pingMs, login }, venueOptions, ...(bots && { bots: bots.settings }) },
	};
}
