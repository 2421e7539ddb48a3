import { createPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, type IbkrVenueOptions } from "@x/venue-sims";
import { type IbkrOptions, ibkr } from "../../venues/ibkr/index.ts";
import { pullOf } from "./faults.ts";
import { ibkrFaults } from "./faults-ibkr.ts";
import { wireFaults } from "./faults-wire.ts";
import type { Journal } from "./journal.ts";
import { chance, pick } from "./seeded.ts";
import { simFetch } from "./sim-fetch.ts";
import type { Stage } from "./stage.ts";
import { Way } from "./wire.ts";
import type { World } from "./world.ts";

type Options = Required<Pick<IbkrOptions, "tickleMs" | "compete" | "pollMs" | "logoutOnClose">>;

const callTimeoutMs = 12_000;
/** The session's own limit of inits in 24 hours is 100: near it, waiting is what it has to do. */
const mostInits = 60;

/** A session at a simulated gateway, with settings and readings of the documentation as the seed draws them. */
export function ibkrStage(world: World, journal: Journal, random: () => number, latencyMs: number): Stage {
	const options: Options = {
		tickleMs: pick(random, [15_000, 60_000, 60_000, 60_000, 60_000, 100_000]),
		compete: chance(random, 0.3),
		pollMs: pick(random, [500, 1_000, 5_000]),
		logoutOnClose: chance(random, 0.3),
	};
	const venueOptions: IbkrVenueOptions = {
		sendEstablished: chance(random, 0.5),
		rivalShows: chance(random, 0.5),
		resetEndsLogin: chance(random, 0.5),
		accountsWhileLoading: pick(random, [200, 400]),
		accountsWithoutBrokerage: pick(random, [400, 401]),
		redirectToLogin: chance(random, 0.3),
		loginMs: 40 * 86_400_000,
		// Who logs out leaves the login: nobody is there to log in for each new process.
		logoutEndsLogin: false,
		loggedOut: {
			tickle: pick(random, [200, 401]),
			status: pick(random, [200, 401]),
			init: pick(random, [401, 410, 503]),
			validate: pick(random, [200, 401]),
		},
	};
	const way = new Way("ibkr", world, journal, random, latencyMs);
	const venue = way.host(() => new IbkrVenue(venueOptions));
	const pull = pullOf(venue, (action) => world.visit(way, action));
	const bound = options.tickleMs + callTimeoutMs + 2_000;
	/** How many inits the venue had seen, and when that was first noticed, for the last 24 hours. */
	const seen: { at: number; inits: number }[] = [];
	return {
		name: "ibkr",
		venue,
		way,
		// A box of its own: that of the program would remember the process before.
		make: () => ({
			session: ibkr({ fetch: simFetch(way), callTimeoutMs, penaltyBox: createPenaltyBox(), ...options }),
		}),
		truth: () => {
			const { loggedIn, brokerage } = venue.truth();
			return loggedIn && brokerage === "live" ? "yes" : "dead";
		},
		isOff: () => false,
		beatMs: options.tickleMs,
		bounds: { dead: bound, off: bound },
		// Half an hour is the longest wait between two inits, and one that is met at its end is waited out again.
		recoverMs: 4_200_000,
		isAble: () => {
			const { loggedIn, rival, inits } = venue.truth();
			if (seen.at(-1)?.inits !== inits) seen.push({ at: world.now, inits });
			while (seen[0] && seen[1] && world.now - seen[1].at > 86_400_000) seen.shift();
			// Answers that were planned and not asked for yet stand against it however long they wait.
			const planned = world.peek(way, () => Number(venue.levers["answer"]?.({ times: 0 })));
			return loggedIn && !rival && planned === 0 && inits - (seen[0]?.inits ?? 0) < mostInits;
		},
		unheardMs: () => undefined,
		isSavedByReturn: false,
		yields: !options.compete,
		faults: [...wireFaults(way, { frames: false, calls: true }), ...ibkrFaults(pull)],
		settings: { latencyMs, options, venueOptions },
	};
}
