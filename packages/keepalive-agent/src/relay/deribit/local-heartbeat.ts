import { after, monotonicMs } from "@x/base/clock";

/** A silent bot is asked after so many intervals, as the venue does. */
const probeFactor = 1.2;

/** The bot's side of its heartbeats. */
interface Peer {
	/** @param text - a frame. */
	send(text: string): void;
	/** It has not answered. */
	onTimeout(): void;
}

const frame = (type: "heartbeat" | "test_request"): string =>
	`{"params":{"type":"${type}"},"method":"heartbeat","jsonrpc":"2.0"}`;

/** Heartbeats between the relay and a bot, as the venue would keep them: a bot that hangs is found out by them. */
export class LocalHeartbeat {
	readonly #peer: Peer;
	#intervalMs = 0;
	#receivedAt = monotonicMs();
	#isAsked = false;
	#cancelTimer: (() => void) | undefined;

	constructor(peer: Peer) {
		this.#peer = peer;
	}

	/** @param seconds - the interval; 0 ends heartbeats. */
	set(seconds: number): void {
		this.#intervalMs = seconds * 1_000;
		this.#isAsked = false;
		this.#receivedAt = monotonicMs();
		this.#schedule();
	}

	/** A frame came from the bot. @param isAnswer - whether it answers a `test_request`. */
	onFrame(isAnswer: boolean): void {
		this.#receivedAt = monotonicMs();
		if (isAnswer) this.#isAsked = false;
	}

	stop(): void {
		this.set(0);
	}

	/** Looks again when the bot could have been silent for too long: a timer for each frame would cost more than the frame. */
	#schedule(): void {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
		if (this.#intervalMs === 0) return;
		const silentMs = monotonicMs() - this.#receivedAt;
		const leftMs = this.#isAsked ? this.#intervalMs : Math.max(1, this.#intervalMs * probeFactor - silentMs);
		this.#cancelTimer = after(Math.min(leftMs, longestWaitMs), () => this.#look());
	}

	#look(): void {
		if (this.#isAsked) {
			this.#cancelTimer = undefined;
			return void this.#peer.onTimeout();
		}
		if (monotonicMs() - this.#receivedAt >= this.#intervalMs * probeFactor - toleranceMs) {
			this.#isAsked = true;
			this.#peer.send(frame("heartbeat"));
			this.#peer.send(frame("test_request"));
		}
		this.#schedule();
	}
}

/** Timers may fire early by this. */
const toleranceMs = 2;
/** A timer takes no more than 24.8 days. */
const longestWaitMs = 86_400_000;
