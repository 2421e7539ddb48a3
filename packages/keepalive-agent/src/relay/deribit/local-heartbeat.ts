import { after, monotonicMs } from "@x/base/clock";

/** Like Deribit, the relay sends a `test_request` to a bot that has been silent for this many heartbeat intervals. */
const probeFactor = 1.2;

/** The bot at the other end of the heartbeats. */
interface Peer {
	/** Sends a frame to the bot. */
	send(text: string): void;
	/** Called when the bot has not answered a `test_request` in time. */
	onTimeout(): void;
}

const frame = (type: "heartbeat" | "test_request"): string =>
	`{"params":{"type":"${type}"},"method":"heartbeat","jsonrpc":"2.0"}`;

/** Heartbeats between the relay and a bot, like those that Deribit sends. They detect a bot that hangs. */
export class LocalHeartbeat {
	readonly #peer: Peer;
	#intervalMs = 0;
	#receivedAt = monotonicMs();
	#isAsked = false;
	#cancelTimer: (() => void) | undefined;

	constructor(peer: Peer) {
		this.#peer = peer;
	}

	/** Starts heartbeats. @param seconds - the interval; 0 ends them. */
	set(seconds: number): void {
		this.#intervalMs = seconds * 1_000;
		this.#isAsked = false;
		this.#receivedAt = monotonicMs();
		this.#schedule();
	}

	/**
	 * Has to be called with each frame from the bot.
	 *
	 * @param isAnswer - whether the frame answers a `test_request`.
	 */
	onFrame(isAnswer: boolean): void {
		this.#receivedAt = monotonicMs();
		if (isAnswer) this.#isAsked = false;
	}

	stop(): void {
		this.set(0);
	}

	/**
	 * Sets a timer for the time at which the bot has been silent for too long, if it sends no frame until then. A frame does not move the
	 * timer, because that would cost more than handling the frame. So when the timer fires, the time of the last frame is checked again.
	 */
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

/** A timer may fire this many milliseconds too early. */
const toleranceMs = 2;
/** The longest wait of one timer: one day. A timer of Node.js cannot run longer than 24.8 days. */
const longestWaitMs = 86_400_000;
