import type { components } from "../generated/ibkr-session.ts";
import { after, every } from "../timers.ts";
import type { Wire, WireEnd, WireRequest } from "../venue.ts";
import { accountsReply } from "./account-replies.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrSession } from "./session.ts";

type Schemas = components["schemas"];

/**
 * The venue's end of a client's WebSocket. Once the client has sent a valid session id, the venue sends the status of the WebSocket. If the
 * brokerage session is live, the accounts and the status of the brokerage session follow.
 */
export class IbkrSocket implements WireEnd {
	readonly #wire: Wire;
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #onEnd: (socket: IbkrSocket) => void;
	readonly #cancels: (() => void)[] = [];
	/** Whether the client gets only heartbeats (option `deafSecondSocket`). */
	readonly #isDeaf: boolean;
	#hasSession = false;
	#wantsOrders = false;

	constructor(
		wire: Wire,
		request: WireRequest,
		settings: IbkrSettings,
		session: IbkrSession,
		onEnd: (socket: IbkrSocket) => void,
		isDeaf: boolean,
	) {
		this.#isDeaf = isDeaf;
		this.#wire = wire;
		this.#settings = settings;
		this.#session = session;
		this.#onEnd = onEnd;
		const id = cookieSession(request.headers["cookie"]);
		if (this.#attachSession(id)) return;
		this.#wire.send(JSON.stringify({ message: "waiting for session" }));
		this.#cancels.push(after(settings.socketGraceMs, () => this.#close(1000, "")));
	}

	message(data: string | Uint8Array): void {
		const text = typeof data === "string" ? data : new TextDecoder().decode(data);
		if (!this.#hasSession) {
			this.#attachSession(sessionFrame(text));
			return;
		}
		if (this.#isDeaf) return;
		if (text.startsWith("sor+")) this.#wantsOrders = true;
		if (text.startsWith("uor+")) this.#wantsOrders = false;
		if (text !== "tic") return;
		const { id, loggedIn, lastAccessed } = this.#session;
		const reply: Schemas["SocketTicReply"] = { topic: "tic", alive: loggedIn, id, lastAccessed };
		// The real venue sends four copies of this reply.
		for (let copy = 0; copy < 4; copy++) this.#wire.send(JSON.stringify(reply));
	}

	closed(): void {
		this.stop();
	}

	/** Sends a change of the brokerage session. As at the real venue, the frame has only the members that changed. */
	sendStatus(args: Schemas["SocketSts"]["args"]): void {
		if (!this.#hasSession || this.#isDeaf) return;
		const frame: Schemas["SocketSts"] = { topic: "sts", args };
		this.#wire.send(JSON.stringify(frame));
	}

	/** Sends a text unchanged as one frame. */
	sendText(text: string): void {
		if (!this.#isDeaf) this.#wire.send(text);
	}

	/** Sends an order that has changed, if the client has subscribed to orders. */
	sendOrder(order: object): void {
		if (this.#wantsOrders) this.#wire.send(JSON.stringify({ topic: "sor", args: [order] }));
	}

	/** Closes the connection without a close frame, as when the gateway process ends. */
	drop(): void {
		this.stop();
		this.#wire.drop();
	}

	/** Stops all timers of this WebSocket. */
	stop(): void {
		for (const cancel of this.#cancels.splice(0)) cancel();
		this.#onEnd(this);
	}

	#attachSession(id: string | undefined): boolean {
		if (id === undefined || id !== this.#session.id || !this.#session.loggedIn) return false;
		this.#hasSession = true;
		for (const cancel of this.#cancels.splice(0)) cancel();
		const { userName, heartbeatMs } = this.#settings;
		const { isPaper } = this.#session;
		const system: Schemas["SocketSystem"] = { topic: "system", success: userName, isFT: false, isPaper };
		if (!this.#isDeaf) this.#wire.send(JSON.stringify(system));
		const sendHeartbeat = (): void => this.#wire.send(JSON.stringify({ topic: "system", hb: Date.now() }));
		this.#cancels.push(every(heartbeatMs, sendHeartbeat));
		if (this.#isDeaf || this.#session.brokerage !== "live") return true;
		const act: Schemas["SocketAct"] = { topic: "act", args: accountsReply(this.#session) };
		this.#cancels.push(
			after(30, () => {
				this.#wire.send(JSON.stringify(act));
				this.sendStatus(this.#session.frame());
			}),
		);
		return true;
	}

	#close(code: number, reason: string): void {
		this.stop();
		this.#wire.close(code, reason);
	}
}

/** The session id from cookie `api=<id>`, or the older `api={"session":"<id>"}`. */
function cookieSession(header: string | undefined): string | undefined {
	const value = /(?:^|;\s*)api=([^;]+)/.exec(header ?? "")?.[1];
	return value === undefined ? undefined : (sessionFrame(value) ?? value);
}

function sessionFrame(text: string): string | undefined {
	try {
		// The cast is safe: the member is checked before it is used, and null throws, which is caught below.
		const { session } = JSON.parse(text) as { session?: unknown };
		return typeof session === "string" ? session : undefined;
	} catch {
		return undefined;
	}
}
