import type { WireRequest } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { RouteObserver } from "../network/simulated-route.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/**
 * If the venue has refused the key more often than this since the last successful login, the session must not log in with the key again.
 * One refusal is allowed, because the session may not learn of it: the answer to a token renewal may arrive after the deadline of the call.
 * A login without an answer does not count as a refusal.
 */
const mostRefusals = 1;
/** At most this many logins are allowed in ten minutes without faults: one or two token renewals need up to this many logins. */
const mostLogins = 4;
/** At most this many calls of `init` are allowed in a minute: an attempt may make two, and attempts are minutes apart. */
const mostInits = 4;
/**
 * At most this many token requests may reach the venue in ten minutes: twelve quick ones while connections are reset, then one per minute
 * (nine), and one more if the clock is wrong.
 */
const mostTokens = 22;
/** A session that makes more calls and handshakes than this in ten seconds is in a loop without a pause. */
const mostInTenSeconds = 80;
/** At most this many connections may be open: the old one that is being replaced, and the new one. */
const mostConnections = 2;
/**
 * For this many milliseconds after a stall, one more connection may be open. The session gives its old connection up when the stall ends,
 * and that connection may still be closing.
 */
const closingMs = 5_000;

/**
 * Checks what one process sends to a venue. Each of these violates rule e:
 *
 * - The process exceeds a rate limit.
 * - It makes calls during a penalty (while the venue refuses all calls because a rate limit was exceeded).
 * - It makes calls in a loop without a pause, opens too many connections, or logs in too often.
 * - It widens the receive window of its signatures.
 * - It takes over the session of another login, although it must not.
 */
export class TrafficInvariants implements RouteObserver {
	/** Returns whether nothing has been wrong for ten minutes. */
	isCalm: () => boolean = () => false;
	/** Called when the venue blocks the address of the machine for `forMs`, because the session has exceeded the rate limit. */
	onBlocked: (forMs: number) => void = () => undefined;
	/** Whether bots trade over the session. Many calls are then no sign of a loop: only the venue's rate limits bound their number. */
	hasBots = false;
	/** Called with each call that leaves the machine. */
	onCallSent: (request: WireRequest) => void = () => undefined;
	/** Called with each frame that leaves the machine. */
	onFrameSent: (text: string) => void = () => undefined;
	readonly #setup: VenueSetup;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #lastAt = new Map<string, number>();
	#recent: number[] = [];
	#handshakes: number[] = [];
	/** Until when a penalty forbids all calls, as far as the present process knows. */
	#blockedUntil = Number.NEGATIVE_INFINITY;
	#boxedUntil = Number.NEGATIVE_INFINITY;
	/** How many times the venue has refused the key since the last successful login. */
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

	/** To be called when a new process starts. It knows nothing about calls of the previous process. */
	processStarted(): void {
		this.#begunAt = this.#world.now;
		this.#blockedUntil = Number.NEGATIVE_INFINITY;
		this.startedOnRequest();
		this.#lastAt.clear();
		this.#inits = [];
		this.#tokens = [];
		this.#recent = [];
	}

	/** To be called when a new worker runs the session. The worker takes over the rate limits of the process, but has no token yet. */
	workerStarted(): void {
		this.#tokens = [];
	}

	/** To be called when the program has started the session on request. A refused key may then be tried again. */
	startedOnRequest(): void {
		this.#refusals = 0;
	}

	/** To be called when the venue refuses every call for `forMs`. */
	venueBlocked(forMs: number): void {
		this.#boxedUntil = this.#world.now + forMs;
	}

	callSent(request: WireRequest): void {
		const { pathname } = request.url;
		this.#journal.count("calls");
		this.onCallSent(request);
		this.#asked(pathname);
		if (this.#world.now < this.#blockedUntil) this.#violate("e-calls-in-the-box", pathname);
		if (pathname.endsWith("/tickle")) this.#pace("tickle", 1_000);
		if (pathname.endsWith("/sso/validate")) this.#pace("validate", 60_000);
		const window = Number(request.headers["x-bapi-recv-window"] ?? 0);
		if (window > 5_000) this.#violate("e-wider-window", `receive window of ${window} ms`);
		if (pathname.endsWith("/init")) this.#countInit();
		if (this.#setup.yields && pathname.endsWith("/init") && /"compete":"?true/.test(request.body)) {
			this.#violate("e-takeover", "the session took over, but it must not end other sessions");
		}
	}

	handshakeSent(path: string): void {
		this.#journal.count("handshakes");
		this.#asked(path);
		const { now } = this.#world;
		this.#handshakes = [...this.#handshakes.filter((at) => now - at < 300_000), now];
		if (this.#handshakes.length > 500)
			this.#violate("e-handshakes", `${this.#handshakes.length} handshakes in five minutes`);
		const { openConnections } = this.#setup.route;
		const most = now - this.#world.machine.disturbedAt <= closingMs ? mostConnections + 1 : mostConnections;
		if (openConnections.length >= most)
			this.#violate("e-connections", `a handshake while ${openConnections.length} connections are open`);
	}

	frameSent(text: string): void {
		this.#journal.count("frames");
		this.onFrameSent(text);
		if (!text.includes('"public/auth"')) return;
		this.#journal.count("logins");
		const { now } = this.#world;
		this.#logins = [...this.#logins.filter((at) => now - at < 600_000), now];
		if (this.isCalm() && this.#logins.length > mostLogins) {
			this.#violate("e-logins", `${this.#logins.length} logins in ten minutes in which nothing was wrong`);
		}
		// A login by refresh token does not use the key. If the refresh token is spent, a second login with the key follows.
		const triesKey = !text.includes('"grant_type":"refresh_token"');
		if (triesKey && this.#refusals > mostRefusals)
			this.#violate("e-logins-after-13004", `a login after ${this.#refusals} refusals of the key`);
	}

	frameReceived(text: string): void {
		if (text.includes('"code":13004') && isWhole(text)) this.#refusals += 1;
		if (text.includes('"maintenance":') && isWhole(text)) this.#setup.announced?.(text);
		// A successful login shows that the key works, so earlier refusals no longer count.
		if (text.includes('"access_token"')) this.#refusals = 0;
	}

	callArrived(path: string, status: number | undefined, isDelayed: boolean): void {
		const { now } = this.#world;
		if (isDelayed) this.#delayedAt = now;
		if (/\/(live_session_token|api\/v1\/token)$/.test(path)) this.#countToken();
		if (!this.#isBox(status) || now <= this.#boxedUntil) return;
		this.#boxedUntil = now + 900_000;
		this.onBlocked(900_000);
		// The session is not at fault for a penalty in two cases: the previous process may have made the calls, or the network may have brought
		// two calls closer together than they were sent.
		const isItsOwn = now - this.#begunAt >= 70_000 && now - this.#delayedAt > 70_000;
		if (isItsOwn) this.#violate("e-boxed-by-own-pace", path);
		else this.#journal.count("boxed, and not held against it");
	}

	refused(kind: "call" | "handshake", path: string, status: number): void {
		if (!this.#isBox(status) || kind === "handshake") return;
		this.#journal.tell(this.#setup.name, `${path} answered ${status}`);
		// The process learns of the penalty from this reply, so only later calls violate the rule. The venue documents two durations of a
		// penalty, and this is the shorter one.
		this.#blockedUntil = this.#world.now + 600_000;
	}

	#isBox(status: number | undefined): boolean {
		return status === 429 || (status === 403 && this.#setup.name === "bybit");
	}

	#asked(path: string): void {
		const { now } = this.#world;
		if (this.hasBots) return;
		this.#recent.push(now);
		if (this.#recent.length <= mostInTenSeconds) return;
		const first = this.#recent.shift() ?? now;
		if (now - first < 10_000)
			this.#violate("e-hot-loop", `${mostInTenSeconds} calls in ${now - first} ms, the last to ${path}`);
	}

	#countInit(): void {
		const { now } = this.#world;
		this.#inits = [...this.#inits.filter((at) => now - at < 60_000), now];
		if (this.#inits.length > mostInits) this.#violate("e-inits", `${this.#inits.length} calls of init in a minute`);
	}

	#countToken(): void {
		this.#journal.count("tokens");
		const { now } = this.#world;
		this.#tokens = [...this.#tokens.filter((at) => now - at < 600_000), now];
		if (this.#tokens.length > mostTokens)
			this.#violate("e-tokens", `${this.#tokens.length} token requests in ten minutes`);
	}

	#pace(what: string, gapMs: number): void {
		const { now } = this.#world;
		const before = this.#lastAt.get(what);
		if (before !== undefined && now - before < gapMs)
			this.#violate(`e-pace-${what}`, `only ${now - before} ms after the previous call`);
		this.#lastAt.set(what, now);
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#setup.name, detail);
	}
}

/** Whether a frame is complete JSON. The session cannot read a truncated frame. */
function isWhole(frame: string): boolean {
	try {
		JSON.parse(frame);
		return true;
	} catch {
		return false;
	}
}
