import type { IbkrHidden } from "@x/ibkr-session";
import { onlyKnown, wrong } from "./option-faults.ts";
import type { SocketPace } from "./socket-watch.ts";

/** How a socket is kept beside the tickles, which it does not replace. */
export interface IbkrSessionSocketOptions {
	/**
	 * As in the client. At a gateway one is needed that trusts its certificate, with OAuth one that takes headers. Default:
	 * the global one.
	 */
	readonly WebSocket?: typeof WebSocket;
	/** With OAuth, and required there: gives the access token of 1.0a or the bearer of 2.0. Asked for each socket. */
	readonly token?: () => string | IbkrHidden<string> | Promise<string | IbkrHidden<string>>;
	/** Between two `tic`, 1 000 to 60 000. Default 30 000. */
	readonly ticMs?: number;
	/** Without any frame for so long the socket is dead, 1 000 to 120 000. Default 35 000: a heartbeat is due every 10 000. */
	readonly deadMs?: number;
	/** As in the client: told every frame of a topic that the socket does not need itself. */
	readonly onTopic?: (topic: string, frame: Readonly<Record<string, unknown>>) => void;
}

/** {@link IbkrSessionSocketOptions}, checked. */
export interface SocketKeeping extends SocketPace, Pick<IbkrSessionSocketOptions, "WebSocket" | "onTopic"> {
	readonly token?: {
		readonly version: "oauth1" | "oauth2";
		readonly value: NonNullable<IbkrSessionSocketOptions["token"]>;
	};
}

const names: Readonly<Record<keyof IbkrSessionSocketOptions, 1>> = {
	WebSocket: 1,
	token: 1,
	ticMs: 1,
	deadMs: 1,
	onTopic: 1,
};

/** Undefined when no socket is to be kept. @throws TypeError that names the option. */
export function resolveSocket(
	socket: IbkrSessionSocketOptions | boolean | undefined,
	mode: "gateway" | "oauth1" | "oauth2",
): SocketKeeping | undefined {
	if (socket === undefined || socket === false) return undefined;
	const keeping = socket === true ? {} : socket;
	onlyKnown(keeping, names, "socket");
	const { WebSocket, token, onTopic, ticMs = 30_000, deadMs = 35_000 } = keeping;
	for (const [name, value] of Object.entries({ WebSocket, token, onTopic })) {
		if (value !== undefined && typeof value !== "function") throw wrong(`socket.${name}`, "a function", value);
	}
	if ((token === undefined) !== (mode === "gateway")) {
		throw wrong("socket.token", "a function with OAuth, and left out at a gateway", token);
	}
	inRange("socket.ticMs", ticMs, 60_000);
	inRange("socket.deadMs", deadMs, 120_000);
	return {
		ticMs,
		deadMs,
		...(WebSocket ? { WebSocket } : {}),
		...(onTopic ? { onTopic } : {}),
		...(token && mode !== "gateway" ? { token: { version: mode, value: token } } : {}),
	};
}

function inRange(name: string, value: unknown, most: number): void {
	if (typeof value === "number" && value >= 1_000 && value <= most) return;
	throw wrong(name, `a number from 1000 to ${most}`, value);
}
