import { randomBytes } from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import { after } from "../time.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrUserClient } from "./user.ts";

type Schemas = components["schemas"];

const forced = "Force compete capability must be used together with compete flag";

/** One user's login and the brokerage session on top of it. */
export class IbkrSession implements IbkrUserClient {
	/** The key of the WebSocket; a new one after each login. */
	id = "";
	loggedInAt = 0;
	/** Told what changed, as the arguments of an `sts` frame. */
	onChange: (change: Schemas["SocketSts"]["args"]) => void = () => undefined;
	/** Whether /iserver/accounts was asked since the brokerage session opened. */
	accountsAsked = false;
	lastAccessed = 0;
	inits = 0;
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
		settings.user.join(this);
		if (settings.start === "none") return;
		this.#enter();
		if (settings.start === "live") this.#open(0);
	}

	get loggedIn(): boolean {
		return this.#login;
	}

	get rival(): boolean {
		return this.#rival;
	}

	get brokerage(): "none" | "loading" | "live" | "taken" {
		return this.#rival ? "taken" : this.#brokerage;
	}

	get holds(): boolean {
		return this.#brokerage !== "none";
	}

	evicted(): void {
		this.rivalArrives(undefined);
	}

	freed(): void {
		this.#rivalGone();
	}

	/** A login: of a person at the gateway, or by a token. */
	login(): void {
		this.#enter();
		const { mode, initAfterLogin, user } = this.#settings;
		const own = mode === "gateway" && initAfterLogin;
		if (own && !this.#rival && !user.heldBesides(this)) this.#open(this.#settings.loadMs);
	}

	endLogin(): void {
		this.#cancelLogin();
		this.#login = false;
		this.endBrokerage();
	}

	/** A request of the logged-in user: the idle clock starts again. */
	touch(): void {
		this.lastAccessed = Date.now();
		if (this.#brokerage !== "none") this.#watchIdle();
	}

	endBrokerage(): void {
		this.#cancelIdle();
		this.#cancelLoad();
		this.accountsAsked = false;
		if (this.#brokerage === "none") return;
		this.#brokerage = "none";
		this.#settings.user.ended(this);
		this.onChange({ authenticated: false });
	}

	/** What an init asks for; the reply. */
	init(compete: boolean): Schemas["BrokerageSessionStatus"] {
		this.inits++;
		this.#fail = "";
		if (!compete && this.#settings.forceOnlyKey) this.#fail = forced;
		const taken = this.#rival || this.#settings.user.heldBesides(this);
		if (!compete && (taken || this.#settings.forceOnlyKey)) {
			return { passed: false, authenticated: false, competing: false, connected: true };
		}
		this.#rivalGone();
		if (this.#brokerage === "none") this.#open(this.#settings.loadMs);
		return { passed: true, ...this.flags(), message: "" };
	}

	rivalArrives(forMs: number | undefined): void {
		this.#cancelRival();
		this.endBrokerage();
		this.#rival = true;
		if (this.#settings.rivalShows) this.onChange({ competing: true });
		if (forMs !== undefined) this.#cancelRival = after(forMs, () => this.#rivalGone());
	}

	rivalLeaves(): boolean {
		const was = this.#rival;
		this.#rivalGone();
		return was;
	}

	/** The flags alone, as init and tickle send them. */
	flags(): Schemas["BrokerageSessionStatus"] {
		const { sendEstablished, rivalShows } = this.#settings;
		const competing = this.#rival && rivalShows && this.#login;
		const authenticated = competing || this.#brokerage !== "none";
		const established = competing || this.#brokerage === "live";
		return { authenticated, competing, connected: this.#login, ...(sendEstablished ? { established } : {}) };
	}

	/** All of it, as status sends it. */
	status(): Schemas["BrokerageSessionStatus"] {
		if (!this.#login) return { ...this.flags(), MAC: null };
		const mac = "00:00:5E:00:53:01";
		return {
			...this.flags(),
			message: "",
			MAC: mac,
			...(this.#brokerage === "none"
				? {}
				: { serverInfo: { serverName: "SimN1", serverVersion: "Build 10.44.0a, Mar 3, 2026 1:00:00 PM" } }),
			hardware_info: `00000000|${mac}`,
			fail: this.#fail,
		};
	}

	/** Milliseconds until the login renews itself. Requests do not change it. */
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

	#enter(): void {
		this.endLogin();
		this.#login = true;
		this.#fail = "";
		this.id = randomBytes(16).toString("hex");
		this.loggedInAt = Date.now();
		this.lastAccessed = this.loggedInAt;
		this.#cancelLogin = after(this.#settings.loginMs, () => this.endLogin());
	}

	#open(loadMs: number): void {
		const ready = (): void => {
			this.#brokerage = "live";
			this.onChange({ ...this.flags(), message: "", username: this.#settings.userName });
		};
		this.#settings.user.opened(this);
		this.#brokerage = "loading";
		this.#watchIdle();
		if (loadMs === 0) {
			ready();
			return;
		}
		this.onChange(this.flags());
		this.#cancelLoad = after(loadMs, ready);
	}

	#watchIdle(): void {
		this.#cancelIdle();
		this.#cancelIdle = after(this.#settings.idleMs, () => this.endBrokerage());
	}

	#rivalGone(): void {
		this.#cancelRival();
		if (!this.#rival) return;
		this.#rival = false;
		if (this.#settings.rivalShows) this.onChange({ authenticated: false, competing: false });
	}
}
