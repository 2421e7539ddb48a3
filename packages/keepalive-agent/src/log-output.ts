import { write, writeSync } from "node:fs";
import { monotonicMs } from "@x/base/clock";

/** At most this many bytes wait to be written. Further lines are dropped, because a slow reader must not delay the agent. */
const maxWaitingBytes = 8_000_000;
/** About how many bytes are written at once. */
const chunkBytes = 65_536;
/** Milliseconds between two attempts to write to a pipe whose reader is not reading. */
const retryMs = 20;
/** Milliseconds between two attempts to write while the process ends. */
const exitRetryMs = 10;
/** How many milliseconds the process may wait for a reader when it ends. */
const exitMs = 1_000;

const nothing = Buffer.alloc(0);

/** What {@link LogOutput} reports about lines that it has lost. */
export interface LogOutputEvents {
	/** Called if lines were dropped because too many lines waited. The call comes only after all other lines were written. */
	readonly onDropped: (lines: number) => void;
	/** Called when lines will never be written: at the end of the process, or, with the code `EPIPE`, once the reader of a pipe has ended. */
	readonly onLost: (lines: number, code: string) => void;
}

/**
 * Writes lines to a file descriptor without ever blocking the event loop, even if the disk is full or the reader of a pipe hangs. At the
 * end of the process, the last attempt to write takes at most one second.
 */
export class LogOutput {
	readonly #fd: number;
	readonly #events: LogOutputEvents;
	#lines: string[] = [];
	#waitingBytes = 0;
	/** The bytes that are being written, or that remain after a failed attempt. */
	#chunk = nothing;
	#isBusy = false;
	#isInFlight = false;
	#isBroken = false;
	#dropped = 0;

	constructor(fd: number, events: LogOutputEvents) {
		this.#fd = fd;
		this.#events = events;
	}

	/**
	 * Queues a line, which has to end with a line break. If writing has failed before, this starts another attempt for the earlier lines too.
	 */
	write(line: string): void {
		if (this.#isBroken) return;
		const bytes = Buffer.byteLength(line);
		if (this.#waitingBytes + bytes > maxWaitingBytes) {
			this.#dropped += 1;
		} else {
			this.#lines.push(line);
			this.#waitingBytes += bytes;
		}
		if (this.#isBusy) return;
		this.#isBusy = true;
		// Writes all lines of this turn of the event loop at once. If the process exits in this turn, flush() writes them instead.
		setImmediate(() => this.#writeNext());
	}

	/** Writes the waiting lines synchronously, for at most one second. Has to be called when the event loop has ended. */
	flush(): void {
		// If a thread of Node.js is still writing the chunk, that thread finishes before the process ends. So the chunk is skipped here.
		if (this.#isInFlight) this.#chunk = nothing;
		const endMs = monotonicMs() + exitMs;
		while (this.#takeChunk()) {
			try {
				this.#written(writeSync(this.#fd, this.#chunk));
			} catch (error) {
				if (isBusyReader(error) && monotonicMs() < endMs) {
					Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, exitRetryMs);
					continue;
				}
				return void this.#giveUp(error);
			}
		}
	}

	#writeNext(): void {
		if (!this.#takeChunk()) return void this.#onIdle();
		this.#isInFlight = true;
		write(this.#fd, this.#chunk, (error, bytes) => {
			this.#isInFlight = false;
			if (error) return void this.#onError(error);
			this.#written(bytes);
			this.#writeNext();
		});
	}

	#onIdle(): void {
		this.#isBusy = false;
		const dropped = this.#dropped;
		this.#dropped = 0;
		if (dropped > 0) this.#events.onDropped(dropped);
	}

	#onError(error: Error): void {
		if (isBusyReader(error)) {
			// The timer does not keep the process alive, because flush() makes the last attempt.
			// biome-ignore lint/style/noRestrictedGlobals: the timers of @x/base/clock keep the process alive.
			setTimeout(() => this.#writeNext(), retryMs).unref();
			return;
		}
		// The next message that is logged starts another attempt, because a full disk may have room by then. After EPIPE there is no further
		// attempt, because the reader of the pipe has ended for good.
		this.#isBusy = false;
		if (codeOf(error) === "EPIPE") this.#giveUp(error);
	}

	/**
	 * Makes the next chunk of bytes to write, unless a part of the previous chunk still has to be written.
	 *
	 * @returns whether there is something to write.
	 */
	#takeChunk(): boolean {
		if (this.#chunk.length > 0) return true;
		let count = 0;
		for (let bytes = 0; count < this.#lines.length && bytes < chunkBytes; count += 1) {
			bytes += this.#lines[count]?.length ?? 0;
		}
		this.#chunk = Buffer.from(this.#lines.splice(0, count).join(""));
		return this.#chunk.length > 0;
	}

	#written(bytes: number): void {
		this.#chunk = this.#chunk.subarray(bytes);
		this.#waitingBytes -= bytes;
	}

	#giveUp(error: unknown): void {
		const inChunk = this.#chunk.toString().split("\n").length - 1;
		const lost = inChunk + this.#lines.length + this.#dropped;
		this.#discard();
		this.#events.onLost(lost, codeOf(error));
	}

	#discard(): void {
		this.#isBroken = true;
		this.#chunk = nothing;
		this.#lines = [];
	}
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

/** Whether an error means that the reader of a pipe has not read for a while. */
function isBusyReader(error: unknown): boolean {
	return codeOf(error) === "EAGAIN" || codeOf(error) === "EBUSY";
}
