import type { WireRequest } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { RouteObserver } from "../network/route.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/**
 * Refusals of a key without a login that worked, after which no login may follow. One more than is final: the answer to a renewal may
 * come after its deadline. A login without an answer is no refusal.
 */
const mostRefusals = 1;
/** Logins in ten quiet minutes: a renewal or two. */
const mostLogins = 4;
/** Inits in a minute: an attempt may send two, and attempts are minutes apart. */
const mostInits = 4;
/** Token requests that reach the venue in ten minutes: twelve quick ones while connections are reset, then one a minute, with one more for a wrong clock. */
const mostTokens = 22;
/** More calls and handshakes than this in ten seconds are a loop without a pause. */
const mostInTenSeconds = 80;
/** The connection that is being replaced, and the new one. */
const mostConnections = 2;
/** After a stall, one that was given up when it ended may still be closing. */
const closingMs = 5_000;

/**
 * What one process may send to a venue.
 *
 * - e: rate limits, no calls during a penalty, no loop without a pause, few connections and logins, and no remedy
 *   that makes things worse
 */
export class TrafficInvariants implements RouteObserver {
	/** Whether nothing has been wrong for ten minutes. */
	isCalm: () => boolean = () => false;
	/** Called when the venue blocks the address for `forMs` because of a call. */
	onBlocked: (forMs: number) => void = () => undefined;
	readonly #setup: VenueSetup;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #lastAt = new Map<string, number>();
	#recent: number[] = [];
	#handshakes: number[] = [];
	/** Until when this process knows that no call is allowed. */
	#blockedUntil = Number.NEGATIVE_INFINITY;
	#boxedUntil = Number.NEGATIVE_INFINITY;
	/** How often the key was refused since a login last worked. */
	#refusals = 0;
	#begunAt = 0;
	#logins: number[] = [];
	#inits: number[] = [];
	#tokens: number[] = [];
	#delayedAt = Number.NEGATIVE_INFINITY;

	constructor(setup: VenueSetup, world: World, journal: Journal) {
		this.#setup = setup;
		this.#world = world;
		this.#journal = journal;
	}

	/** A new process starts, which knows nothing of the one before. */
	processStarted(): void {
		this.#begunAt = this.#world.now;
		this.#blockedUntil = Number.NEGATIVE_INFINITY;
		this.startedOnRequest();
		this.#lastAt.clear();
		this.#inits = [];
		this.#tokens = [];
		this.#recent = [];
	}

	/** A new worker runs the session: it has inherited its limits, and has no token yet. */
	workerStarted(): void {
		this.#tokens = [];
	}

	/** The session was started on request: a refused key may be tried again. */
	startedOnRequest(): void {
		this.#refusals = 0;
	}

	/** The venue refuses every call for `forMs`. */
	venueBlocked(forMs: number): void {
		this.#boxedUntil = this.#world.now + forMs;
	}

	callSent(request: WireRequest): void {
		const { pathname } = request.url;
		this.#journal.count("calls");
		this.#asked(pathname);
		if (this.#world.now < this.#blockedUntil) this.#violate("e-calls-in-the-box", pathname);
		if (pathname.endsWith("/tickle")) this.#pace("tickle", 1_000);
		if (pathname.endsWith("/sso/validate")) this.#pace("validate", 60_000);
		const window = Number(request.headers["x-bapi-recv-window"] ?? 0);
		if (window > 5_000) this.#violate("e-wider-window", `${window} ms`);
		if (pathname.endsWith("/init")) this.#countInit();
		if (this.#setup.yields && pathname.endsWith("/init") && /"compete":"?true/.test(request.body)) {
			this.#violate("e-takeover", "it was not to end anybody else's session");
		}
	}

	handshakeSent(path: string): void {
		this.#journal.count("handshakes");
		this.#asked(path);
		const { now } = this.#world;
		this.#handshakes = [...this.#handshakes.filter((at) => now - at < 300_000), now];
		if (this.#handshakes.length > 500) this.#violate("e-handshakes", `${this.#handshakes.length} in five minutes`);
		const { openConnections } = this.#setup.route;
		const most = now - this.#world.machine.disturbedAt <= closingMs ? mostConnections + 1 : mostConnections;
		if (openConnections.length >= most) this.#violate("e-connections", `${openConnections.length} and one more`);
	}

	frameSent(text: string): void {
		this.#journal.count("frames");
		if (!text.includes('"public/auth"')) return;
		this.#journal.count("logins");
		const { now } = this.#world;
		this.#logins = [...this.#logins.filter((at) => now - at < 600_000), now];
		if (this.isCalm() && this.#logins.length > mostLogins) {
			this.#violate("e-logins", `${this.#logins.length} in ten minutes in which nothing was wrong`);
		}
		// A refresh token is not a key: with a spent one, a renewal is two logins, and the second uses the key.
		const triesKey = !text.includes('"grant_type":"refresh_token"');
		if (triesKey && this.#refusals > mostRefusals) this.#violate("e-logins-after-13004", `${this.#refusals} refusals`);
	}

	frameReceived(text: string): void {
		if (text.includes('"code":13004') && isWhole(text)) this.#refusals += 1;
		if (text.includes('"maintenance":') && isWhole(text)) this.#setup.announced?.(text);
		// The key works: a login hours later is unrelated to the refusal.
		if (text.includes('"access_token"')) this.#refusals = 0;
	}

	callArrived(path: string, status: number | undefined, isDelayed: boolean): void {
		const { now } = this.#world;
		if (isDelayed) this.#delayedAt = now;
		if (/\/(live_session_token|api\/v1\/token)$/.test(path)) this.#countToken();
		if (!this.#isBox(status) || now <= this.#boxedUntil) return;
		this.#boxedUntil = now + 900_000;
		this.onBlocked(900_000);
		// A new process does not know the calls of the one before, and the network may bring two calls together.
		const isItsOwn = now - this.#begunAt >= 70_000 && now - this.#delayedAt > 70_000;
		if (isItsOwn) this.#violate("e-boxed-by-own-pace", path);
		else this.#journal.count("boxed, and not held against it");
	}

	refused(kind: "call" | "handshake", path: string, status: number): void {
		if (!this.#isBox(status) || kind === "handshake") return;
		this.#journal.tell(this.#setup.name, `${path} answered ${status}`);
		// The shorter of the venue's figures. A call that had left before does not count.
		this.#blockedUntil = this.#world.now + 600_000;
	}

	#isBox(status: number | undefined): boolean {
		return status === 429 || (status === 403 && this.#setup.name === "bybit");
	}

	#asked(path: string): void {
		const { now } = this.#world;
		this.#recent.push(now);
		if (this.#recent.length <= mostInTenSeconds) return;
		const first = this.#recent.shift() ?? now;
		if (now - first < 10_000) this.#violate("e-hot-loop", `${mostInTenSeconds} in ${now - first} ms, last ${path}`);
	}

	#countInit(): void {
		const { now } = this.#world;
		this.#inits = [...this.#inits.filter((at) => now - at < 60_000), now];
		if (this.#inits.length > mostInits) this.#violate("e-inits", `${this.#inits.length} in a minute`);
	}

	#countToken(): void {
		this.#journal.count("tokens");
		const { now } = this.#world;
		this.#tokens = [...this.#tokens.filter((at) => now - at < 600_000), now];
		if (this.#tokens.length > mostTokens) this.#violate("e-tokens", `${this.#tokens.length} in ten minutes`);
	}

	#pace(what: string, gapMs: number): void {
		const { now } = this.#world;
		const before = this.#lastAt.get(what);
		if (before !== undefined && now - before < gapMs)
			this.#violate(`e-pace-${what}`, `${now - before} ms after the last`);
		this.#lastAt.set(what, now);
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#setup.name, detail);
	}
}

/** A truncated frame tells the session nothing. */
function isWhole(frame: string): boolean {
	try {
		JSON.parse(frame);
		return true;
	} catch {
		return false;
	}
}
