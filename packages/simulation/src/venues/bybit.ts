import { type BybitSession, type BybitSessionOptions, bybit } from "@x/keepalive/bybit";
import { BybitVenue, type BybitVenueOptions } from "@x/venue-sims";
import { triggerOf } from "../faults/fault-definition.ts";
import { bybitFaults } from "../faults/faults-bybit.ts";
import { networkFaults } from "../faults/faults-network.ts";
import { bybitOddAnswers, withdrawBybitAnswers } from "../faults/single-wrong-answers.ts";
import type { Journal } from "../journal.ts";
import { simFetch } from "../network/sim-fetch.ts";
import { socketClass } from "../network/sim-socket.ts";
import { Route } from "../network/simulated-route.ts";
import { chance, pick } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import { ReadAfterTrigger } from "./read-orders-after-cancel.ts";
import type { Truth, VenueSetup } from "./venue-setup.ts";

type Options = Required<
	Pick<BybitSessionOptions, "products" | "windowSeconds" | "maxActiveTimeSeconds" | "verifyEveryMs">
> &
	Pick<BybitSessionOptions, "pingMs">;

const key = { apiKey: "sim-bybit-key", apiSecret: "sim-bybit-secret" };

/** The longest default ping interval in milliseconds. The session lengthens its interval when the venue answers late. */
const slowestOwnBeatMs = 3_750;

/**
 * A Bybit session with random settings, and its simulated venue, whose undocumented behaviour is random.
 *
 * @param keepsItsPace - whether to use the default ping interval. Only some runs do, because it causes some 70 000 pings a day.
 * @param odd - a separate random source for more of the venue's undocumented behaviour; only in runs with odd answers.
 */
export function bybitSetup(
	world: World,
	journal: Journal,
	random: () => number,
	latencyMs: number,
	keepsItsPace = false,
	odd?: () => number,
): VenueSetup {
	const [maxActiveTimeSeconds, pingMs] = pick(random, [
		[30, 10_000],
		[60, 20_000],
		[60, 10_000],
		[120, 40_000],
	] as const);
	const options: Options = {
		products: pick<Options["products"]>(random, [
			["DERIVATIVES"],
			["DERIVATIVES", "SPOT"],
			["OPTIONS", "DERIVATIVES", "SPOT"],
		]),
		windowSeconds: pick(random, [3, 10, 10, 40]),
		maxActiveTimeSeconds,
		...(keepsItsPace ? {} : { pingMs }),
		verifyEveryMs: pick(random, [15_000, 60_000, 60_000, 60_000, 300_000]),
	};
	const venueOptions: BybitVenueOptions = {
		...key,
		windowSeconds: pick(random, [10, 40]),
		settleMs: pick(random, [0, 10_000, 14_000]),
		setReply: pick(random, ["short", "full"]),
		emptyList: pick(random, ["array", "null", "absent"]),
		setWhenNotEnabled: pick(random, ["refuse", "accept"]),
		subscribeWhenNotEnabled: pick(random, ["refuse", "accept"]),
		...(odd && {
			resetNeedsPing: chance(odd, 0.5),
			resetNeedsSubscribe: chance(odd, 0.5),
			countedPer: pick(odd, ["product", "account"]),
			setAppliesWhileCounting: chance(odd, 0.5),
			afterTrigger: pick(odd, ["nothing", "block", "sweep"]),
			conditionalOrders: pick(odd, ["cancelled", "kept"]),
		}),
	};
	const { products, windowSeconds, verifyEveryMs } = options;
	const route = new Route("bybit", world, journal, random, latencyMs);
	const venue = route.host(() => new BybitVenue(venueOptions));
	const pull = triggerOf(venue, (action) => world.visit(route, action));
	const beatMs = Math.min((maxActiveTimeSeconds * 1_000) / 3, keepsItsPace ? slowestOwnBeatMs : pingMs);
	const now = world.remembered(() =>
		world.peek(route, () => {
			const all = venue.truth();
			return products.map((product) => all[product]);
		}),
	);
	const isOff = (): boolean => now().some((one) => one.state === "not-enabled" || one.windowSeconds > windowSeconds);
	let session: BybitSession | undefined;
	const readAfterTrigger = new ReadAfterTrigger(world, windowSeconds * 1_000);
	/** When the venue last lost topics of a connection that stayed open, and the number of that connection. */
	let topicsLost = { at: Number.NEGATIVE_INFINITY, connection: 0 };
	/**
	 * Whether the venue has lost topics, and the session has possibly not subscribed to them again yet. In the meantime, a connection of an
	 * earlier process may still keep the protection up.
	 */
	const areTopicsLost = (): boolean =>
		world.now - topicsLost.at <= verifyEveryMs + 3 * beatMs + 1_000 &&
		topicsLost.connection === route.connections.length;
	const truth = (): Truth => {
		const truths = now();
		if (truths.some(({ state }) => state === "not-enabled")) return "off";
		// The session cannot know that the venue has cancelled orders if another program has set Bybit's time window, if the venue lost topics
		// without saying so, or if the session has not noticed the end of its connection yet. It may notice that only at its next ping.
		const line = route.connections.at(-1);
		const isEndUnseen = line?.isUp === true && !line.isWorking;
		const hasOwnWindows = truths.every((one) => one.windowSeconds === windowSeconds);
		// When the venue drops a subscription, its countdown to the cancel begins, even if the connection closes before the session notices.
		const isByTopics = world.now - topicsLost.at <= windowSeconds * 1_000 + 1_000;
		// From the round trip of its last ping, the session estimates when a connection has ended. If the session learns of the end late, the
		// estimate may be wrong.
		const isEndSlow = world.now - route.slowEndAt <= windowSeconds * 1_000 + 1_000;
		const isKnowable = !areTopicsLost() && !isByTopics && hasOwnWindows && !isEndUnseen && !isEndSlow;
		if (truths.some(({ state }) => state === "triggered")) readAfterTrigger.triggered(isKnowable);
		if (truths.some(({ state }) => state !== "armed")) {
			return areTopicsLost() && route.connections.at(-1)?.isWorking ? "off" : "dead";
		}
		readAfterTrigger.armed(session?.handle !== undefined);
		return truths.every((one) => one.windowSeconds <= windowSeconds) ? "yes" : "off";
	};
	return {
		name: "bybit",
		venue,
		product: products[0],
		route,
		make: (onOpen) => {
			readAfterTrigger.processStarted();
			// Withdraws refusals that were planned for a login. Such a refusal of the first login of a new process would stop the session for good,
			// and that would be right: a key that has never worked may be wrong.
			pull("refuse", { auth: null });
			if (odd) withdrawBybitAnswers(pull);
			const client = { ...key, fetch: readAfterTrigger.watching(simFetch(route)), WebSocket: socketClass(route) };
			const made = bybit({ client, ...options, onOpen });
			session = made;
			return { session: made, requireArmed: () => made.requireArmed() };
		},
		knownOff: () => {
			const isStreamed = session?.handle?.topics.some((topic) => !topic.startsWith("dcp.")) === true;
			return isStreamed ? "a stream is subscribed over the guarded connection" : readAfterTrigger.unreadReason();
		},
		left: () => readAfterTrigger.left(),
		truth,
		isOff,
		beatMs,
		bounds: { dead: beatMs + 3_000 + 1_000, off: verifyEveryMs + 2 * beatMs + 1_000 },
		// Time for two bans in a row, each of which lasts at most ten minutes, and for the recovery.
		recoverMs: 1_800_000,
		isAble: () => true,
		unheardMs: () => {
			const heard = route.connections.slice(-8).map((line) => line.venueHeardAt);
			return heard.length === 0 ? undefined : world.now - Math.max(...heard);
		},
		countdown: () => {
			const truths = now();
			if (truths.some((one) => one.windowSeconds !== windowSeconds)) return undefined;
			// An open takes some eight round trips. If these could take longer than half of Bybit's time window, the session is not required to
			// reopen in time.
			if (8 * 2 * latencyMs > (windowSeconds * 1_000) / 2) return undefined;
			const isAny = (state: string): boolean => truths.some((one) => one.state === state);
			const state = isAny("triggered")
				? "triggered"
				: truths.every((one) => one.state === "armed")
					? "armed"
					: "counting";
			return { state, windowMs: windowSeconds * 1_000 };
		},
		isSavedByReturn: true,
		// Not every lost session is a loss: the venue cancels no orders if a new connection is subscribed before the venue has dropped the old
		// one. If the venue's countdown to the cancel of the orders has begun, the cause of the lost session says so.
		isLoss: (cause) => /Bybit may (cancel|have cancelled) /.test(cause),
		// When the session opens, it reads the settings before it connects, so settings and connection need not be right at the same time.
		provesSettingsSeparately: true,
		faults: [
			...networkFaults(route, { frames: true, calls: true }),
			...bybitFaults(pull, {
				products,
				route,
				handle: () => session?.handle,
				onTopicsLost: () => {
					topicsLost = { at: world.now, connection: route.connections.length };
				},
			}),
		],
		oddAnswers: bybitOddAnswers(pull, { route, hasOpened: () => session?.handle !== undefined }),
		settings: { latencyMs, options, venueOptions },
	};
}
