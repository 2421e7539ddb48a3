import type { components } from "../generated/ibkr-session.ts";
import { after, every } from "../time.ts";
import type { Wire, WireEnd, WireRequest } from "../venue.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrSession } from "./session.ts";

type Schemas = components["schemas"];

/** One WebSocket: it waits for its session, then tells of itself and of the brokerage session. */
export class IbkrSocket implements WireEnd {
	readonly #wire: Wire;
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #forget: (socket: IbkrSocket) => void;
	readonly #cancels: (() => void)[] = [];
	#recognised = false;

	constructor(
		wire: Wire,
		request: WireRequest,
		settings: IbkrSettings,
		session: IbkrSession,
		forget: (socket: IbkrSocket) => void,
	) {
		this.#wire = wire;
		this.#settings = settings;
		this.#session = session;
		this.#forget = forget;
		const id = cookieSession(request.headers["cookie"]);
		if (this.#recognise(id)) return;
		this.#wire.send(JSON.stringify({ message: "waiting for session" }));
		this.#cancels.push(after(settings.socketGraceMs, () => this.#end(1000, "")));
	}

	message(data: string | Uint8Array): void {
		const text = typeof data === "string" ? data : new TextDecoder().decode(data);
		if (!this.#recognised) {
			this.#recognise(sessionFrame(text));
			return;
		}
		if (text !== "tic") return;
		const { id, loggedIn, lastAccessed } = this.#session;
		const reply: Schemas["SocketTicReply"] = { topic: "tic", alive: loggedIn, id, lastAccessed };
		// The venue really sends four.
		for (let copy = 0; copy < 4; copy++) this.#wire.send(JSON.stringify(reply));
	}

	closed(): void {
		this.stop();
	}

	/** A change of the brokerage session, partial as the venue sends it. */
	tell(args: Schemas["SocketSts"]["args"]): void {
		if (!this.#recognised) return;
		const frame: Schemas["SocketSts"] = { topic: "sts", args };
		this.#wire.send(JSON.stringify(frame));
	}

	/** The process that it led to is gone. */
	drop(): void {
		this.stop();
		this.#wire.drop();
	}

	stop(): void {
		for (const cancel of this.#cancels.splice(0)) cancel();
		this.#forget(this);
	}

	#recognise(id: string | undefined): boolean {
		if (id === undefined || id !== this.#session.id || !this.#session.loggedIn) return false;
		this.#recognised = true;
		for (const cancel of this.#cancels.splice(0)) cancel();
		const { userName, accounts, heartbeatMs } = this.#settings;
		const system: Schemas["SocketSystem"] = { topic: "system", success: userName, isFT: false, isPaper: true };
		this.#wire.send(JSON.stringify(system));
		const beat = (): void => this.#wire.send(JSON.stringify({ topic: "system", hb: Date.now() }));
		this.#cancels.push(every(heartbeatMs, beat));
		if (this.#session.brokerage !== "live") return true;
		const act: Schemas["SocketAct"] = {
			topic: "act",
			args: {
				accounts: [...accounts],
				selectedAccount: accounts[0] ?? null,
				sessionId: id,
				isFT: false,
				isPaper: true,
			},
		};
		this.#cancels.push(
			after(30, () => {
				this.#wire.send(JSON.stringify(act));
				const { MAC, hardware_info, serverInfo, ...flags } = this.#session.status();
				this.tell({ ...flags, username: userName });
			}),
		);
		return true;
	}

	#end(code: number, reason: string): void {
		this.stop();
		this.#wire.close(code, reason);
	}
}

/** `api=<id>`, or the older `api={"session":"<id>"}`. */
function cookieSession(header: string | undefined): string | undefined {
	const value = /(?:^|;\s*)api=([^;]+)/.exec(header ?? "")?.[1];
	return value === undefined ? undefined : (sessionFrame(value) ?? value);
}

function sessionFrame(text: string): string | undefined {
	try {
		const { session } = JSON.parse(text) as { session?: unknown };
		return typeof session === "string" ? session : undefined;
	} catch {
		return undefined;
	}
}
