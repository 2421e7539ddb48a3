import { randomBytes } from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import { after } from "../time.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrSimUserClient } from "./user.ts";

type Schemas = components["schemas"];

const mac = "00:00:5E:00:53:01";
const forceOnlyMessage = "Force compete capability must be used together with compete flag";

/** One client's login and its brokerage session. */
export class IbkrSession implements IbkrSimUserClient {
	/** Session id, with which a WebSocket attaches. New after each login. */
	id = "";
	loggedInAt = 0;
	/** Called with every change, as the arguments of an `sts` frame. */
	onChange: (change: Schemas["SocketSts"]["args"]) => void = () => undefined;
	/** Whether `/iserver/accounts` was called since the brokerage session opened. */
	accountsAsked = false;
	/** The ids of order questions that are not asked in this brokerage session. */
	readonly suppressedQuestions = new Set<string>();
	lastAccessed = 0;
	inits = 0;
	/** The accounts of the login. */
	accounts: readonly string[];
	#settings: IbkrSettings;
	#login = false;
	#brokerage: "none" | "loading" | "live" = "none";
	#rival = false;
	#fail = "";
	#cancelIdle: () => void = () => undefined;
	#cancelLoad: () => void = () => undefined;
	#cancelLogin: () => void = () => undefined;
	#cancelRival: () => void = () => undefined;

	constructor(settings: IbkrSettings) {
		this.#settings = settings;
		this.accounts = settings.accounts;
		settings.user.join(this);
		if (settings.start === "none") return;
		this.#startLogin();
		if (settings.start === "live") this.#openBrokerage(0);
	}

	get loggedIn(): boolean {
		return this.#login;
	}

	/** Whether the login is to paper accounts, whose ids begin with D. */
	get isPaper(): boolean {
		return this.accounts.every((account) => account.startsWith("D"));
	}

	/** The server of the brokerage session. */
	get serverInfo() {
		return { serverName: "SimN1", serverVersion: "Build 10.44.0a, Mar 3, 2026 1:00:00 PM" };
	}

	get rival(): boolean {
		return this.#rival;
	}

	get brokerage(): "none" | "loading" | "live" | "taken" {
		return this.#rival ? "taken" : this.#brokerage;
	}

	get holdsBrokerage(): boolean {
		return this.#brokerage !== "none";
	}

	onEvicted(): void {
		this.onRivalTakeover(undefined);
	}

	onReleased(): void {
		this.#onRivalGone();
	}

	/**
	 * Starts a login: a person at the gateway, or an OAuth token.
	 *
	 * @param accounts - the accounts it is for. Default: those of the login before.
	 */
	login(accounts: readonly string[] = this.accounts): void {
		this.accounts = accounts;
		this.#startLogin();
		const { mode, initAfterLogin, user } = this.#settings;
		const opensBrokerage = mode === "gateway" && initAfterLogin;
		if (opensBrokerage && !this.#rival && !user.isHeldByOther(this)) this.#openBrokerage(this.#settings.loadMs);
	}

	endLogin(): void {
		this.#cancelLogin();
		this.#login = false;
		this.endBrokerage();
	}

	/** A request of the logged-in user: restarts the idle timer. */
	touch(): void {
		this.lastAccessed = Date.now();
		if (this.#brokerage !== "none") this.#restartIdleTimer();
	}

	endBrokerage(): void {
		this.#cancelIdle();
		this.#cancelLoad();
		this.accountsAsked = false;
		this.suppressedQuestions.clear();
		if (this.#brokerage === "none") return;
		this.#brokerage = "none";
		this.#settings.user.onEnded(this);
		this.onChange({ authenticated: false });
	}

	/** Handles an init call. */
	init(compete: boolean): Schemas["BrokerageSessionStatus"] {
		this.inits++;
		this.#fail = "";
		if (!compete && this.#settings.forceOnlyKey) this.#fail = forceOnlyMessage;
		const isTaken = this.#rival || this.#settings.user.isHeldByOther(this);
		if (!compete && (isTaken || this.#settings.forceOnlyKey)) {
			return { ...this.#passed(false), authenticated: false, connected: true, competing: false };
		}
		this.#onRivalGone();
		if (this.#brokerage === "none") this.#openBrokerage(this.#settings.loadMs);
		return { ...this.#passed(true), ...this.details() };
	}

	/** Another program takes the brokerage session, for `forMs` or until `endRival()`. */
	onRivalTakeover(forMs: number | undefined): void {
		this.#cancelRival();
		this.endBrokerage();
		this.#rival = true;
		if (this.#settings.rivalShows) this.onChange({ competing: true });
		if (forMs !== undefined) this.#cancelRival = after(forMs, () => this.#onRivalGone());
	}

	/** The other program gives the brokerage session up. Returns whether there was one. */
	endRival(): boolean {
		const hadRival = this.#rival;
		this.#onRivalGone();
		return hadRival;
	}

	/** The status flags. */
	flags() {
		const { sendEstablished, rivalShows } = this.#settings;
		const competing = this.#rival && rivalShows && this.#login;
		const authenticated = competing || this.#brokerage !== "none";
		const established = competing || this.#brokerage === "live";
		return { authenticated, ...(sendEstablished ? { established } : {}), competing, connected: this.#login };
	}

	/** The status as init and tickle send it. */
	details(): Schemas["BrokerageSessionStatus"] {
		return {
			...this.flags(),
			message: "",
			MAC: mac,
			...(this.#brokerage === "none" ? {} : { serverInfo: this.serverInfo }),
			hardware_info: `00000000|${mac}`,
		};
	}

	/** The status as `/iserver/auth/status` sends it. */
	status(): Schemas["BrokerageSessionStatus"] {
		return this.#login ? { ...this.details(), fail: this.#fail } : { ...this.flags(), MAC: null };
	}

	/** The status as a full `sts` frame has it. */
	frame(): Schemas["SocketSts"]["args"] {
		const { authenticated, competing, connected, ...established } = this.flags();
		const { serverInfo } = this;
		const { userName: username } = this.#settings;
		return {
			connected,
			authenticated,
			...established,
			competing,
			message: "",
			fail: this.#fail,
			...serverInfo,
			username,
		};
	}

	/** Milliseconds until the login renews itself. Requests do not affect it. */
	ssoExpires(): number {
		const cycle = this.#settings.ssoCycleMs;
		return cycle - ((Date.now() - this.loggedInAt) % cycle);
	}

	close(): void {
		this.#cancelRival();
		this.#cancelLogin();
		this.#cancelIdle();
		this.#cancelLoad();
	}

	/** Some keys' replies to init say whether it was accepted. */
	#passed(passed: boolean): { passed?: boolean } {
		return this.#settings.sendPassed ? { passed } : {};
	}

	#startLogin(): void {
		this.endLogin();
		this.#login = true;
		this.#fail = "";
		this.id = randomBytes(16).toString("hex");
		this.loggedInAt = Date.now();
		this.lastAccessed = this.loggedInAt;
		this.#cancelLogin = after(this.#settings.loginMs, () => this.endLogin());
	}

	#openBrokerage(loadMs: number): void {
		const onLoaded = (): void => {
			this.#brokerage = "live";
			this.onChange(this.frame());
		};
		this.#settings.user.onOpened(this);
		this.#brokerage = "loading";
		this.#restartIdleTimer();
		if (loadMs === 0) {
			onLoaded();
			return;
		}
		this.onChange(this.flags());
		this.#cancelLoad = after(loadMs, onLoaded);
	}

	#restartIdleTimer(): void {
		this.#cancelIdle();
		this.#cancelIdle = after(this.#settings.idleMs, () => this.endBrokerage());
	}

	#onRivalGone(): void {
		this.#cancelRival();
		if (!this.#rival) return;
		this.#rival = false;
		if (this.#settings.rivalShows) this.onChange({ authenticated: false, competing: false });
	}
}
