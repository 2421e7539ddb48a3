import { randomBytes } from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import { after } from "../timers.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrSimUserClient } from "./shared-user.ts";

type Schemas = components["schemas"];

const mac = "00:00:5E:00:53:01";
const forceOnlyMessage = "Force compete capability must be used together with compete flag";

/** One client's login and its brokerage session. */
export class IbkrSession implements IbkrSimUserClient {
	/** The session id, which a client sends in a cookie or frame of a WebSocket to join the session. Each login creates a new id. */
	id = "";
	loggedInAt = 0;
	/** Called with every change of the brokerage session's status, in the format of the `args` of a WebSocket frame with topic `sts`. */
	onChange: (change: Schemas["SocketSts"]["args"]) => void = () => undefined;
	/** Whether `/iserver/accounts` was called since the brokerage session opened. */
	accountsAsked = false;
	/** The ids of order questions that the caller has suppressed for this brokerage session. */
	readonly suppressedQuestions = new Set<string>();
	lastAccessed = 0;
	inits = 0;
	/** The accounts that the user is logged in to. */
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

	/** Whether all accounts of the login are paper accounts, whose ids begin with D. */
	get isPaper(): boolean {
		return this.accounts.every((account) => account.startsWith("D"));
	}

	/** The name and version of the server that runs the brokerage session. */
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
	 * Starts a login, as a person does at the gateway or a client does with OAuth.
	 *
	 * @param accounts - the accounts to log in to. Default: the accounts of the previous login.
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

	/** Restarts the idle timer. To be called at each request of the logged-in user. */
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

	/** Handles a call to `/iserver/auth/ssodh/init`. */
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

	/** Simulates that another program takes the brokerage session, for `forMs` milliseconds or until `endRival()`. */
	onRivalTakeover(forMs: number | undefined): void {
		this.#cancelRival();
		this.endBrokerage();
		this.#rival = true;
		if (this.#settings.rivalShows) this.onChange({ competing: true });
		if (forMs !== undefined) this.#cancelRival = after(forMs, () => this.#onRivalGone());
	}

	/** Simulates that the other program gives the brokerage session up. Returns whether another program held it. */
	endRival(): boolean {
		const hadRival = this.#rival;
		this.#onRivalGone();
		return hadRival;
	}

	/** The flags in the status of the brokerage session. */
	flags() {
		const { sendEstablished, rivalShows } = this.#settings;
		const competing = this.#rival && rivalShows && this.#login;
		const authenticated = competing || this.#brokerage !== "none";
		const established = competing || this.#brokerage === "live";
		return { authenticated, ...(sendEstablished ? { established } : {}), competing, connected: this.#login };
	}

	/** The status in the format of `/iserver/auth/ssodh/init` and `/tickle`. */
	details(): Schemas["BrokerageSessionStatus"] {
		return {
			...this.flags(),
			message: "",
			MAC: mac,
			...(this.#brokerage === "none" ? {} : { serverInfo: this.serverInfo }),
			hardware_info: `00000000|${mac}`,
		};
	}

	/** The status in the format of `/iserver/auth/status`. */
	status(): Schemas["BrokerageSessionStatus"] {
		return this.#login ? { ...this.details(), fail: this.#fail } : { ...this.flags(), MAC: null };
	}

	/** The status in the format of the `args` of a WebSocket frame with topic `sts`, with all members. */
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

	/** The value of `ssoExpires` in replies: milliseconds that count down to 0 and start again, whatever requests arrive. */
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

	/** The member `passed` of the reply to `/iserver/auth/ssodh/init`, which only some API keys get. */
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
