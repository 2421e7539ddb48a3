import type { IbkrConnection } from "@x/ibkr-session";
import { monotonicMs, sleep } from "../../time.ts";

/** The pace of a socket. */
export interface SocketPace {
	/** Between two `tic`. */
	readonly ticMs: number;
	/** Without any frame for so long, the socket is dead. */
	readonly deadMs: number;
}

/** How often is looked. */
const lookMs = 5_000;
/** A look that comes so much too late means that our own process stood still: nothing is blamed on the venue then. */
const stalledMs = 1_000;

/** What happens at a socket, told to its session. */
export interface SocketWatcher {
	/** A frame came since the last look, so long ago. */
	heard(ageMs: number): void;
	/** There is nothing left to hope for from this socket. */
	dead(why: string): void;
	/** The session behind it may be gone: the venue should be asked. */
	doubt(): void;
}

/** Sends `tic` at its pace and notices when the socket went silent, until it ends or the signal aborts. */
export async function watchSocket(
	socket: IbkrConnection,
	{ ticMs, deadMs }: SocketPace,
	watcher: SocketWatcher,
	signal: AbortSignal,
): Promise<void> {
	const over = AbortSignal.any([signal, socket.ended]);
	let lastHeardAt = socket.lastHeardAt;
	let heardAt = monotonicMs();
	let ticAt = heardAt;
	watcher.heard(0);
	while (!over.aborted) {
		const before = monotonicMs();
		const stepMs = Math.min(lookMs, ticMs, deadMs);
		await sleep(stepMs, over);
		if (over.aborted) break;
		const now = monotonicMs();
		const stalled = now - before > stepMs + stalledMs;
		if (stalled || socket.lastHeardAt !== lastHeardAt) {
			// Frames that wait behind a stall are read after this timer.
			heardAt = stalled ? now : now - Math.min(Math.max(0, Date.now() - socket.lastHeardAt), stepMs);
			if (!stalled) watcher.heard(now - heardAt);
			lastHeardAt = socket.lastHeardAt;
		}
		if (now - heardAt >= deadMs) return watcher.dead(`no frame came for ${deadMs} ms`);
		if (now - ticAt < ticMs) continue;
		ticAt = now;
		// Its silence is judged by the frames: a heartbeat is due every ten seconds.
		void socket.tic().then(
			({ alive }) => {
				if (!alive) watcher.doubt();
			},
			() => undefined,
		);
	}
	if (!signal.aborted) watcher.dead("it closed");
}
