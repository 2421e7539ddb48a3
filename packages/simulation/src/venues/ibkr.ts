import { createIbkrPacing, createIbkrPenaltyBox, ibkrDefaults } from "@x/ibkr-session";
import { type IbkrSessionOptions, ibkr } from "@x/keepalive/ibkr";
import { IbkrVenue, type IbkrVenueOptions } from "@x/venue-sims";
// The class of the agent is imported from its source file, because its package does not export it.
import { PathLimits } from "../../../keepalive-agent/src/relay/ibkr/path-rate-limits.ts";
import type { IbkrBots } from "../bots/ibkr-bots.ts";
import { triggerOf } from "../faults/fault-definition.ts";
import { ibkrFaults, otherAccounts, ownAccounts } from "../faults/faults-ibkr.ts";
import { networkFaults } from "../faults/faults-network.ts";
import { ibkrOddAnswers } from "../faults/single-wrong-answers.ts";
import type { Journal } from "../journal.ts";
import { simFetch } from "../network/sim-fetch.ts";
import { socketClass } from "../network/sim-socket.ts";
import { Route } from "../network/simulated-route.ts";
import { chance, pick } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import { accessBy } from "./ibkr-gateway-or-oauth.ts";
import type { Truth, VenueSetup } from "./venue-setup.ts";

type Options = Required<Pick<IbkrSessionOptions, "tickleMs" | "compete" | "pollMs" | "logoutOnClose">>;

const callTimeoutMs = 12_000;
const dayMs = 86_400_000;
/**
 * After this many calls of `init` in 24 hours, the session may have to wait. The session's own limit is 100 calls, but the session also
 * counts some calls that are never sent.
 */
const mostInits = 95;
/**
 * How many milliseconds a session may take to notice a dead socket. A socket without a frame for 35 s is dead. The session checks this
 * every 5 s; the second interval is a margin.
 */
const socketDeadMs = 35_000 + 2 * 5_000;

/**
 * An IBKR session at a gateway or over OAuth, with random settings, and its simulated venue, whose undocumented behaviour is random.
 *
 * @param odd - a separate random source for more of the venue's undocumented behaviour; only in runs with odd answers.
 * @param bots - bots that trade over the session; only in some runs.
 */
export function ibkrSetup(
	world: World,
	journal: Journal,
	random: () => number,
	latencyMs: number,
	odd?: () => number,
	bots?: IbkrBots,
): VenueSetup {
	const access = accessBy(pick(random, ["gateway", "gateway", "oauth1", "oauth2"]));
	const isGateway = access.mode === "gateway";
	const keepsSocket = chance(random, 0.35);
	const options: Options = {
		tickleMs: pick(random, [15_000, 60_000, 60_000, 60_000, 60_000, 100_000]),
		compete: chance(random, 0.3),
		pollMs: pick(random, [500, 1_000, 5_000]),
		logoutOnClose: chance(random, 0.3),
	};
	/** Whether the program requires certain accounts to be logged in, because at a gateway anybody may log in. */
	const expectsLogin = isGateway && chance(random, 0.5);
	let isOtherLogin = false;
	const venueOptions: IbkrVenueOptions = {
		accounts: ownAccounts,
		pacing: true,
		sendEstablished: chance(random, 0.5),
		rivalShows: chance(random, 0.5),
		resetEndsLogin: chance(random, 0.5),
		accountsWhileLoading: pick(random, [200, 400]),
		accountsWithoutBrokerage: pick(random, [400, 401]),
		redirectToLogin: chance(random, 0.3),
		// A login at a gateway lasts longer than a day, because in the simulation no person logs in every day or for each new process.
		loginMs: isGateway ? 40 * dayMs : dayMs,
		logoutEndsLogin: !isGateway && chance(random, 0.5),
		clockOffsetMs: pick(random, [0, 0, -20_000, 3_600_000]),
		loggedOut: {
			tickle: pick(random, [200, 401]),
			status: pick(random, [200, 401]),
			init: pick(random, [401, 410, 503]),
			validate: pick(random, [200, 401]),
		},
		...(odd && {
			statusVerb: pick(odd, ["both", "GET", "POST"]),
			sendPassed: chance(odd, 0.5),
			deafSecondSocket: chance(odd, 0.5),
			expires: pick(odd, ["instant", "left"]),
			lstExpiration: pick(odd, ["end", "start"]),
		}),
	};
	const route = new Route("ibkr", world, journal, random, latencyMs);
	const venue = route.host(() => new IbkrVenue({ ...access.venueOptions, ...venueOptions }));
	const pull = triggerOf(venue, (action) => world.visit(route, action));
	// The longest time for which the session may be wrong about the venue: one interval between tickles, and two calls, because the session
	// asks again 1 250 ms after a single wrong answer. The last two seconds are a margin.
	const tickleBoundMs = options.tickleMs + 2 * callTimeoutMs + 1_250 + 2_000;
	/** When this process has called `init`, on the clock `machine.awakeMs`, which stops while the machine is suspended. */
	let inits: number[] = [];
	const counted = (fetch: typeof globalThis.fetch): typeof globalThis.fetch => {
		return (input, init) => {
			if (String(input).endsWith("/ssodh/init")) inits.push(world.machine.awakeMs);
			return fetch(input, init);
		};
	};
	const onOtherLogin = expectsLogin
		? (isOther: boolean): void => {
				isOtherLogin = isOther;
			}
		: undefined;
	return {
		name: "ibkr",
		venue,
		route,
		make: (onOpen) => {
			inits = [];
			// Each process has its own penalty box, the record of when IBKR has blocked calls for exceeding a rate limit. All simulated processes
			// would share the default penalty box, so a new process would know the penalties of the previous one.
			const penaltyBox = createIbkrPenaltyBox();
			const { token, renew, ...proof } = access.prove(counted(simFetch(route)), penaltyBox);
			const socket = { WebSocket: socketClass(route), ...(token ? { token } : {}) };
			const { mode } = access;
			const expected = expectsLogin ? { expect: { accounts: ownAccounts } } : {};
			const kept = keepsSocket ? { socket } : {};
			const callsPerSecond = ibkrDefaults[isGateway ? "callsPerSecond" : "oauthCallsPerSecond"];
			const pacing = createIbkrPacing({ callsPerSecond });
			const client = { ...proof, callTimeoutMs, penaltyBox, ...(bots && { pacing }) };
			const session = ibkr({ mode, client, ...(renew ? { renew } : {}), ...options, ...kept, ...expected, onOpen });
			const { tickleMs } = options;
			const baseUrl = ibkrDefaults[isGateway ? "baseUrl" : "oauthBaseUrl"];
			const botClient = { ...client, baseUrl, pacing };
			bots?.use(session, { mode, client: botClient, callsPerSecond, pathLimits: new PathLimits(), tickleMs });
			return { session };
		},
		truth: (): Truth => {
			const { loggedIn, brokerage } = venue.truth();
			if (!loggedIn || brokerage !== "live" || isOtherLogin) return "dead";
			return !keepsSocket || route.connections.at(-1)?.isWorking ? "yes" : "off";
		},
		isOff: () => false,
		beatMs: options.tickleMs,
		bounds: { dead: tickleBoundMs, off: socketDeadMs },
		// Time for two of the longest waits between two calls of `init`, half an hour each, and for the recovery.
		recoverMs: 4_200_000,
		isAble: () => {
			const { loggedIn, rival } = venue.truth();
			while (inits[0] !== undefined && world.machine.awakeMs - inits[0] > dayMs) inits.shift();
			// Recovery is not possible while a planned wrong answer waits at the simulated venue for a call, however long ago it was planned.
			const planned = world.peek(route, () => Number(venue.faults["answer"]?.({ times: 0 })));
			return (loggedIn || !isGateway) && !rival && !isOtherLogin && planned === 0 && inits.length < mostInits;
		},
		unheardMs: () => undefined,
		isSavedByReturn: false,
		isLoss: () => false,
		provesSettingsSeparately: true,
		yields: !options.compete,
		faults: [
			...networkFaults(route, { frames: keepsSocket, calls: true }),
			...ibkrFaults(pull, {
				mode: access.mode,
				onOtherLogin,
			}),
		],
		oddAnswers: ibkrOddAnswers(pull, { keepsSocket, ownAccounts, otherAccounts, onOtherLogin, now: () => world.now }),
		settings: { latencyMs, mode: access.mode, keepsSocket, expectsLogin, options, venueOptions },
	};
}
