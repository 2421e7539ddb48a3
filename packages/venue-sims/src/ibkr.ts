import { IbkrEdge } from "./ibkr/edge.ts";
import { IbkrOAuthDesk } from "./ibkr/oauth.ts";
import { type IbkrSettings, type IbkrVenueOptions, ibkrSettings } from "./ibkr/options.ts";
import { IbkrOrders } from "./ibkr/orders.ts";
import { html } from "./ibkr/replies.ts";
import { IbkrRoutes } from "./ibkr/routes.ts";
import { IbkrSession } from "./ibkr/session.ts";
import { IbkrSocket } from "./ibkr/socket.ts";
import type { IbkrUser } from "./ibkr/user.ts";
import { after } from "./time.ts";
import type { SimFault, SimOrder, Upgrade, Venue, WireReply, WireRequest } from "./venue.ts";

export type { IbkrSimClient, IbkrSimConsumer, IbkrVenueOptions } from "./ibkr/options.ts";

const base = "/v1/api";
/** How many requests the record keeps. */
const recordLength = 1_000;

/** A request as it was received. */
export interface IbkrRequest {
	/** Epoch milliseconds. */
	at: number;
	method: string;
	path: string;
	headers: Readonly<Record<string, string>>;
	body: string;
	/** The status it was answered with. */
	status: number | undefined;
}

/**
 * Interactive Brokers' Web API with one user, behind a gateway or OAuth.
 *
 * Levers: `place` puts an order into the book; `compete {forMs?}` lets another program take the brokerage session until
 * `leave`; `idle` moves the idle clock to its end; `login` is a person logging in; `expireSso` ends the login; `reset
 * {at?, forMs?}` is the nightly reset, now or at that instant, after which calls of the brokerage session are answered 503
 * for so long; `restart {forMs?}` ends the gateway's process, and one without a login is there again after so long; `penalty {forMs?, address?}` locks an address; `answer {status, body?, path?, times?}` replaces
 * the next replies; `truth` says how things really are. OAuth 1.0a with a `consumer`: `issue` makes an access token as
 * the self-service page does; `consent {token}` is a user who agrees to a request token; `revoke {token}` ends an access
 * token; `wrongProof {times?}` spoils the next proofs; `liveSessionToken` is the token that the venue computed.
 */
export class IbkrVenue implements Venue {
	readonly name = "ibkr";
	readonly faults: Readonly<Record<string, SimFault>>;
	/** What was received, the latest 1 000. */
	readonly received: IbkrRequest[] = [];
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #edge: IbkrEdge;
	readonly #oauth: IbkrOAuthDesk;
	readonly #orders = new IbkrOrders();
	readonly #routes: IbkrRoutes;
	readonly #sockets = new Set<IbkrSocket>();
	/** While no process listens. */
	#down = false;
	readonly #cancels = new Set<() => void>();
	#planned: { status: number; body: string; path: string | undefined }[] = [];

	constructor(options: IbkrVenueOptions = {}) {
		this.#settings = ibkrSettings(options);
		this.#session = new IbkrSession(this.#settings);
		this.#edge = new IbkrEdge(this.#settings);
		this.#oauth = new IbkrOAuthDesk(this.#settings, this.#session);
		this.#routes = new IbkrRoutes(this.#settings, this.#session, this.#orders);
		this.#session.onChange = (change) => {
			for (const socket of this.#sockets) socket.tell(change);
		};
		this.faults = {
			place: ({ instrument }) => ({ ...this.#orders.place(typeof instrument === "string" ? instrument : "AAPL") }),
			compete: ({ forMs }) => this.#session.rivalArrives(typeof forMs === "number" ? forMs : undefined),
			leave: () => this.#session.rivalLeaves(),
			idle: () => this.#session.endBrokerage(),
			login: () => this.#session.login(),
			expireSso: () => {
				this.#oauth.forget();
				this.#session.endLogin();
			},
			...this.#oauth.faults,
			reset: ({ at, forMs }) => {
				const begin = (): void => this.#reset(typeof forMs === "number" ? forMs : 0);
				if (typeof at === "number") this.#later(at - Date.now(), begin);
				else begin();
			},
			restart: ({ forMs }) => this.#restart(typeof forMs === "number" ? forMs : 5_000),
			penalty: ({ forMs, address }) =>
				this.#edge.box(
					typeof address === "string" ? address : "127.0.0.1",
					typeof forMs === "number" ? forMs : this.#settings.penaltyMs,
				),
			answer: (plan) => this.#plan(plan),
			truth: () => this.truth(),
		};
	}

	/** To be given to another venue that is a second client of the same user. */
	get user(): IbkrUser {
		return this.#settings.user;
	}

	http(request: WireRequest): WireReply {
		if (this.#down) return { kind: "reset" };
		const record: IbkrRequest = {
			at: Date.now(),
			method: request.method,
			path: request.url.pathname,
			headers: request.headers,
			body: request.body,
			status: undefined,
		};
		this.received.push(record);
		if (this.received.length > recordLength) this.received.shift();
		const reply = this.#dated(this.#withCookies(this.#reply(request)));
		if (reply.kind === "reply") record.status = reply.status;
		return reply;
	}

	upgrade(request: WireRequest): Upgrade {
		if (this.#down) return { kind: "reset" };
		if (request.url.pathname !== `${base}/ws`) return html(404, "Resource not found");
		if (!this.#oauth.provesSocket(request.url.searchParams)) return html(401, "Access Denied");
		return {
			kind: "accept",
			attach: (wire) => {
				const socket = new IbkrSocket(wire, request, this.#settings, this.#session, (it) => this.#sockets.delete(it));
				this.#sockets.add(socket);
				return socket;
			},
		};
	}

	orders(): readonly SimOrder[] {
		return this.#orders.list();
	}

	/** How things really are, for comparing with what a client says. */
	truth() {
		const { loggedIn, brokerage, rival, inits } = this.#session;
		return {
			loggedIn,
			brokerage,
			rival,
			/** Inits of a logged-in user so far. */
			inits,
			sockets: this.#sockets.size,
			openOrders: this.#orders.list().filter(({ state }) => state === "open").length,
			/** No end of a session cancels orders. */
			cancelOnDisconnect: false,
		};
	}

	close(): void {
		for (const cancel of this.#cancels) cancel();
		this.#session.close();
		for (const socket of this.#sockets) socket.stop();
	}

	#reply(request: WireRequest): WireReply {
		const path = request.url.pathname.startsWith(`${base}/`) ? request.url.pathname.slice(base.length) : undefined;
		const refusal = this.#edge.refusal(request, path ?? request.url.pathname);
		if (refusal) return refusal;
		const planned = this.#planned.findIndex((plan) => plan.path === undefined || plan.path === path);
		const [plan] = planned === -1 ? [] : this.#planned.splice(planned, 1);
		if (plan) return { kind: "reply", status: plan.status, body: plan.body };
		const token = this.#oauth.reply(request);
		if (token) return token;
		if (path === undefined) return html(404, "Resource not found");
		const proved = this.#oauth.proves(request);
		if (typeof proved !== "boolean") return proved;
		return this.#routes.reply(request, path, proved);
	}

	/** The gateway's cookies; one has a path under which the calls do not lie. */
	#withCookies(reply: WireReply): WireReply {
		if (reply.kind !== "reply" || this.#settings.mode !== "gateway" || !this.#session.loggedIn) return reply;
		const cookie = `x-sess-uuid=${this.#session.id.slice(0, 16)}; Path=/sso; Secure; HttpOnly`;
		return { ...reply, headers: { ...reply.headers, "set-cookie": cookie } };
	}

	/** By the venue's clock, which need not be ours. */
	#dated(reply: WireReply): WireReply {
		if (reply.kind !== "reply") return reply;
		const date = new Date(Date.now() + this.#settings.clockOffsetMs).toUTCString();
		return { ...reply, headers: { ...reply.headers, date } };
	}

	#reset(forMs: number): void {
		if (this.#settings.resetEndsLogin) this.#session.endLogin();
		else this.#session.endBrokerage();
		if (forMs <= 0) return;
		this.#routes.resetting = true;
		this.#later(forMs, () => {
			this.#routes.resetting = false;
		});
	}

	#restart(forMs: number): void {
		this.#down = true;
		this.#session.endLogin();
		for (const socket of [...this.#sockets]) socket.drop();
		this.#later(forMs, () => {
			this.#down = false;
		});
	}

	#later(ms: number, action: () => void): void {
		const cancel = after(ms, () => {
			this.#cancels.delete(cancel);
			action();
		});
		this.#cancels.add(cancel);
	}

	#plan({ status, body, path, times }: Readonly<Record<string, unknown>>): number {
		const plan = {
			status: typeof status === "number" ? status : 503,
			body: typeof body === "string" ? body : "",
			path: typeof path === "string" ? path : undefined,
		};
		for (let left = typeof times === "number" ? times : 1; left > 0; left--) this.#planned.push(plan);
		return this.#planned.length;
	}
}
