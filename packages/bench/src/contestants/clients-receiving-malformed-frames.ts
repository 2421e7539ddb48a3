import { connectBybit } from "@x/bybit-dcp";
import { connectDeribit } from "@x/deribit-session";
import { WebSocket as Ws } from "ws";
import type { Fleet } from "./bybit.ts";

// The cast is safe: this file uses only members that the `ws` class and the standard WebSocket have in common.
const ws = Ws as unknown as typeof WebSocket;

/**
 * What happened after a client received malformed frames: how many frames it reported, whether the connection ended,
 * and how many uncaught errors there were.
 */
export interface UnexpectedReport {
	readonly reported: number;
	readonly ended: boolean;
	readonly fatal: number;
}

function reportingClient(connect: (url: string, onUnexpected: () => void) => Promise<AbortSignal>) {
	let reported = 0;
	let fatal = 0;
	let ended: AbortSignal | undefined;
	for (const event of ["uncaughtException", "unhandledRejection"] as const) {
		process.on(event, () => {
			fatal += 1;
		});
	}
	return {
		up: async ({ ws: url }: Fleet) => {
			ended = await connect(`${url}?name=s-0`, () => {
				reported += 1;
			});
		},
		unexpected: (): UnexpectedReport => ({ reported, ended: ended?.aborted === true, fatal }),
	};
}

export const oursBybit = () =>
	reportingClient(async (url, onUnexpected) => {
		const socket = await connectBybit({ apiKey: "key", apiSecret: "secret", wsUrl: url, WebSocket: ws, onUnexpected });
		return socket.ended;
	});

export const oursDeribit = () =>
	reportingClient(async (url, onUnexpected) => (await connectDeribit({ url, WebSocket: ws, onUnexpected })).ended);
