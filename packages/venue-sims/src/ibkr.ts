import { orderIdError } from "./fault-order-id-errors.ts";
import { empty, html, json, withDate } from "./ibkr/build-replies.ts";
import { IbkrOAuth } from "./ibkr/oauth-endpoints.ts";
import { type IbkrSettings, type IbkrVenueOptions, ibkrSettings } from "./ibkr/options.ts";
import { type IbkrSimOrder, toWire } from "./ibkr/order.ts";
import { IbkrOrderCalls } from "./ibkr/order-calls.ts";
import type { IbkrOrders } from "./ibkr/orders.ts";
import { IbkrEdge } from "./ibkr/request-checks.ts";
import { IbkrRoutes } from "./ibkr/routes.ts";
import { IbkrSession } from "./ibkr/session.ts";
import type { IbkrSimUser } from "./ibkr/shared-user.ts";
import { IbkrSocket } from "./ibkr/socket.ts";
import { RequestLog } from "./request-log.ts";
import { after } from "./timers.ts";
import type { SimFaults, Upgrade, Venue, WireReply, WireRequest } from "./venue.ts";

export type { IbkrSimClient, IbkrSimConsumer, IbkrVenueOptions } from "./ibkr/options.ts";
export type { IbkrSimOrder } from "./ibkr/order.ts";
export type { IbkrSimUser } from "./ibkr/shared-user.ts";

/** The two path prefixes of the API, which serve the same calls. */
const bases = ["/v1/api", "/v1/portal"];

/** The actual state of a simulated IBKR, whatever its replies claim, as plain data that can be converted to JSON. */
export interface IbkrTruth {
	loggedIn: boolean;
	/** The state of the brokerage session. `taken` while another login holds it. */
	brokerage: "none" | "loading" | "live" | "taken";
	/** Whether another login holds the brokerage session. */
	rival: boolean;
	/** How many times a logged-in user has called `/iserver/auth/ssodh/init`. */
	inits: number;
	/** Number of open WebSockets. */
	sockets: number;
	openOrders: number;
	/** Always false: IBKR cancels no orders when a session ends. */
	cancelOnDisconnect: false;
}

/** The names of the faults that a test can trigger at a simulated IBKR. */
export type IbkrFault =
	| "place"
	| "fill"
	| "cancel"
	| "compete"
	| "leave"
	| "idle"
	| "login"
	| "expireSso"
	| "reset"
	| "restart"
	| "penalty"
	| "answer"
	| "oddTickle"
	| "validateFalse"
	| "sendFrame"
	| "truth"
	| "issue"
	| "consent"
	| "revoke"
	| "wrongProof"
	| "liveSessionToken";

/**
 * Simulates Interactive Brokers' Web API for one user, behind the Client Portal Gateway or OAuth.
 *
 * Faults that a test can trigger:
 * - `place {instrument?, side?, quantity?, price?, cOID?}`: places an order that rests in the book;
 * - `fill {orderId, quantity?}`: fills an open order, by default its whole quantity;
 * - `cancel {orderId}`: cancels an open order, as another program or a person does;
 * - `compete {forMs?}`: another program takes the brokerage session, until `leave` or for `forMs`;
 * - `leave`: the other program gives the brokerage session up;
 * - `idle`: the brokerage session ends, as after the idle timeout;
 * - `login {accounts?}`: a person logs in, by default to the same accounts as before (ids that begin with D are paper
 *   accounts);
 * - `expireSso`: the login expires;
 * - `oddTickle {as, times?}`: the next `times` calls to `/tickle` get an empty 401 (`empty-401`) or a 200 with `no
 *   session` (`no-session`), although the session is alive;
 * - `validateFalse {on}`: `/sso/validate` replies that the login is invalid, although `/tickle` replies that the
 *   session is alive;
 * - `reset {at?, forMs?}`: the nightly reset begins, now or at the time `at` (epoch milliseconds). Brokerage calls then
 *   get 503 for `forMs`;
 * - `restart {forMs?}`: the gateway process ends and comes back after `forMs`, not logged in;
 * - `penalty {forMs?, address?}`: puts an IP address into the penalty box, so that all its requests get 429;
 * - `answer {status, body?, path?, times?}`: replaces the next `times` replies; `{on: false}` discards the replacements
 *   that are not used yet;
 * - `sendFrame {text}`: sends this text to all WebSockets as one frame;
 * - `truth`: returns the actual state of the venue.
 *
 * Faults of OAuth 1.0a, which throw without the option `consumer`:
 * - `issue`: issues an access token, as the self-service page does;
 * - `consent {token}`: the user authorizes a request token;
 * - `revoke {token}`: revokes an access token;
 * - `wrongProof {times?}`: the next `times` values of `live_session_token_signature` are wrong;
 * - `liveSessionToken`: returns the current live session token.
 */
export class IbkrVenue implements Venue<IbkrFault> {
	readonly name: string;
	readonly faults: SimFaults<IbkrFault>;
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #edge: IbkrEdge;
	readonly #oauth: IbkrOAuth;
	readonly #orders: IbkrOrders;
	readonly #routes: IbkrRoutes;
	readonly #sockets = new Set<IbkrSocket>();
	readonly #received = new RequestLog<IbkrVenue["received"][number]>();
	/** Whether the gateway process is down, so that every request gets a connection reset. */
	#isDown = false;
	readonly #cancels = new Set<() => void>();
	#plannedReplies: { reply: WireReply; path: string | undefined }[] = [];

	constructor(options: IbkrVenueOptions = {}) {
		this.#settings = ibkrSettings(options);
		this.name = this.#settings.name;
		this.#session = new IbkrSession(this.#settings);
		this.#edge = new IbkrEdge(this.#settings);
		this.#oauth = new IbkrOAuth(this.#settings, this.#session);
		this.#orders = this.#settings.user.orders;
		const orderCalls = new IbkrOrderCalls(this.#session, this.#orders, this.#settings.orderQuestions);
		this.#routes = new IbkrRoutes(this.#settings, this.#session, orderCalls);
		this.#orders.onChange((order) => {
			for (const socket of this.#sockets) socket.sendOrder(toWire(order));
		});
		this.#session.onChange = (change) => {
			for (const socket of this.#sockets) socket.sendStatus(change);
		};
		this.faults = {
			place: ({ instrument, ...terms }) => ({
				...this.#place(typeof instrument === "string" ? instrument : "AAPL", terms),
			}),
			fill: ({ orderId, quantity }) => {
				const order = this.#orders.findOpen(orderId);
				if (!order) throw orderIdError("fill", orderId);
				this.#orders.fill(order, typeof quantity === "number" ? quantity : undefined);
			},
			cancel: ({ orderId }) => {
				const order = this.#orders.findOpen(orderId);
				if (!order) throw orderIdError("cancel", orderId);
				this.#orders.cancel(order);
			},
			compete: ({ forMs }) => this.#session.onRivalTakeover(typeof forMs === "number" ? forMs : undefined),
			leave: () => this.#session.endRival(),
			idle: () => this.#session.endBrokerage(),
			login: ({ accounts }) => this.#session.login(Array.isArray(accounts) ? accounts.map(String) : undefined),
			validateFalse: ({ on }) => {
				this.#routes.validatesFalse = on === true;
			},
			oddTickle: ({ as, times }) => this.#planOddTickles(as, typeof times === "number" ? times : 1),
			expireSso: () => {
				this.#oauth.endLogin();
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
				this.#edge.penalize(
					typeof address === "string" ? address : "127.0.0.1",
					typeof forMs === "number" ? forMs : this.#settings.penaltyMs,
				),
			answer: (plan) => this.#planReplies(plan),
			sendFrame: ({ text }) => {
				for (const socket of this.#sockets) socket.sendText(String(text));
			},
			truth: () => this.truth(),
		};
	}

	/** The latest 1 000 HTTP requests that were received, oldest first, including credentials. */
	get received(): readonly {
		/** When the request arrived, in epoch milliseconds. */
		at: number;
		method: string;
		path: string;
		headers: Readonly<Record<string, string>>;
		body: string;
		/** The HTTP status of the reply; undefined if there was none. */
		status: number | undefined;
	}[] {
		return this.#received.entries;
	}

	/** The user of this simulated venue. Pass it as option `user` to another `IbkrVenue`, which then is a second client of the same user. */
	get user(): IbkrSimUser {
		return this.#settings.user;
	}

	http(request: WireRequest): WireReply {
		if (this.#isDown) return { kind: "reset" };
		const record: IbkrVenue["received"][number] = {
			at: Date.now(),
			method: request.method,
			path: request.url.pathname,
			headers: request.headers,
			body: request.body,
			status: undefined,
		};
		this.#received.add(record);
		const reply = this.#withDate(this.#withCookies(this.#reply(request)));
		if (reply.kind === "reply") record.status = reply.status;
		return reply;
	}

	upgrade(request: WireRequest): Upgrade {
		if (this.#isDown) return { kind: "reset" };
		if (pathOf(request) !== "/ws") return html(404, "Resource not found");
		if (!this.#oauth.authorizesSocket(request.url.searchParams)) return html(401, "Access Denied");
		return {
			kind: "accept",
			attach: (wire) => {
				const isDeaf = this.#settings.deafSecondSocket && this.#sockets.size > 0;
				const onEnd = (ended: IbkrSocket): unknown => this.#sockets.delete(ended);
				const socket = new IbkrSocket(wire, request, this.#settings, this.#session, onEnd, isDeaf);
				this.#sockets.add(socket);
				return socket;
			},
		};
	}

	orders(): readonly IbkrSimOrder[] {
		return this.#orders.list();
	}

	/** The actual state of the simulated IBKR, to compare with what a client reports. */
	truth(): IbkrTruth {
		const { loggedIn, brokerage, rival, inits } = this.#session;
		return {
			loggedIn,
			brokerage,
			rival,
			inits,
			sockets: this.#sockets.size,
			openOrders: this.#orders.list().filter(({ state }) => state === "open").length,
			cancelOnDisconnect: false,
		};
	}

	close(): void {
		for (const cancel of this.#cancels) cancel();
		this.#session.close();
		for (const socket of this.#sockets) socket.stop();
	}

	#reply(request: WireRequest): WireReply {
		const path = pathOf(request);
		const refusal = this.#edge.refusal(request, path ?? request.url.pathname);
		if (refusal) return refusal;
		const planned = this.#plannedReplies.findIndex((plan) => plan.path === undefined || plan.path === path);
		const [plan] = planned === -1 ? [] : this.#plannedReplies.splice(planned, 1);
		if (plan) return plan.reply;
		const oauthReply = this.#oauth.reply(request);
		if (oauthReply) return oauthReply;
		if (path === undefined) return html(404, "Resource not found");
		const isAuthorized = this.#oauth.authorize(request);
		if (typeof isAuthorized !== "boolean") return isAuthorized;
		return this.#routes.reply(request, path, isAuthorized);
	}

	/** Adds the gateway's cookie to a reply. As at the real gateway, the path of the cookie does not match the paths of the API calls. */
	#withCookies(reply: WireReply): WireReply {
		if (reply.kind !== "reply" || this.#settings.mode !== "gateway" || !this.#session.loggedIn) return reply;
		const cookie = `x-sess-uuid=${this.#session.id.slice(0, 16)}; Path=/sso; Secure; HttpOnly`;
		return { ...reply, headers: { ...reply.headers, "set-cookie": cookie } };
	}

	/** Adds the header `Date` to a reply, with the time on the venue's clock. */
	#withDate(reply: WireReply): WireReply {
		if (reply.kind !== "reply") return reply;
		const date = new Date(Date.now() + this.#settings.clockOffsetMs).toUTCString();
		return { ...reply, headers: withDate(reply.headers ?? {}, date) };
	}

	#reset(forMs: number): void {
		if (this.#settings.resetEndsLogin) this.#session.endLogin();
		else this.#session.endBrokerage();
		if (forMs <= 0) return;
		this.#routes.isResetting = true;
		this.#later(forMs, () => {
			this.#routes.isResetting = false;
		});
	}

	#restart(forMs: number): void {
		this.#isDown = true;
		this.#session.endLogin();
		for (const socket of [...this.#sockets]) socket.drop();
		this.#later(forMs, () => {
			this.#isDown = false;
		});
	}

	#later(ms: number, action: () => void): void {
		const cancel = after(ms, () => {
			this.#cancels.delete(cancel);
			action();
		});
		this.#cancels.add(cancel);
	}

	#planReplies({ status, body, path, times, on }: Readonly<Record<string, unknown>>): number {
		if (on === false) {
			this.#plannedReplies = [];
			return 0;
		}
		const plan = {
			reply: {
				kind: "reply" as const,
				status: typeof status === "number" ? status : 503,
				body: typeof body === "string" ? body : "",
			},
			path: typeof path === "string" ? path : undefined,
		};
		for (let left = typeof times === "number" ? times : 1; left > 0; left--) this.#plannedReplies.push(plan);
		return this.#plannedReplies.length;
	}

	#planOddTickles(as: unknown, times: number): void {
		const odd = { "empty-401": empty(401), "no-session": json({ error: "no session" }) };
		if (as !== "empty-401" && as !== "no-session") {
			throw new Error(
				`@x/venue-sims: fault oddTickle: argument as must be "empty-401" or "no-session", got ${JSON.stringify(as)}.`,
			);
		}
		for (let left = times; left > 0; left--) this.#plannedReplies.push({ reply: odd[as], path: "/tickle" });
	}

	/** Places an order that rests in the book, for the fault `place`. */
	#place(ticker: string, { side, quantity, price, cOID }: Readonly<Record<string, unknown>>): IbkrSimOrder {
		return this.#orders.place(this.#session.accounts[0] ?? "", {
			conid: 0,
			ticker,
			side: side === "SELL" ? side : "BUY",
			orderType: "LMT",
			quantity: typeof quantity === "number" ? quantity : 1,
			price: typeof price === "number" ? price : 1,
			timeInForce: "GTC",
			...(typeof cOID === "string" ? { cOID } : {}),
		});
	}
}

/** The path of a request without the prefix of the API; undefined if the path has no such prefix. */
function pathOf({ url: { pathname } }: WireRequest): string | undefined {
	const base = bases.find((each) => pathname.startsWith(`${each}/`));
	// Removes a slash at the end of the path, which some clients send.
	return base && pathname.slice(base.length).replace(/(?<=.)\/$/, "");
}
