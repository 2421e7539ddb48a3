import { write, writeSync } from "node:fs";
import { monotonicMs } from "@x/base/clock";

/** How much may wait to be written. A slow reader must not stop the beats, so lines above it are dropped. */
const maxWaitingBytes = 8_000_000;
/** About what is written at once. */
const chunkBytes = 65_536;
/** How often a reader that takes nothing is tried. */
const retryMs = 20;
/** The same while the process ends. */
const exitRetryMs = 10;
/** How long the end of the process may wait for a reader. */
const exitMs = 1_000;

const nothing = Buffer.alloc(0);

/** What {@link LogOutput} reports about lines that it has lost. */
export interface LogOutputEvents {
	/** Lines were dropped because too many waited, and now all others are written. */
	readonly onDropped: (lines: number) => void;
	/** The process ends without having written these. */
	readonly onLost: (lines: number, code: string) => void;
}

/**
 * Writes lines to a file descriptor without ever holding up the event loop, or the end of the process for more than a second: a disk may be
 * full, and the reader of a pipe may hang.
 */
export class LogOutput {
	readonly #fd: number;
	readonly #events: LogOutputEvents;
	#lines: string[] = [];
	#waitingBytes = 0;
	/** What is being written, or what a failed attempt has left. */
	#chunk = nothing;
	#isBusy = false;
	#isInFlight = false;
	#isBroken = false;
	#dropped = 0;

	constructor(fd: number, events: LogOutputEvents) {
		this.#fd = fd;
		this.#events = events;
	}

	/** Writes a line, which ends with a line break, later: after a failed attempt with those before it. */
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
		// All lines of this turn at once. What is written right before process.exit() is left to flush().
		setImmediate(() => this.#writeNext());
	}

	/** Writes what waits, for a second at most. Call it when the event loop turns no more. */
	flush(): void {
		// Another thread is writing it, and ends before the process does.
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
			// It does not keep the process alive: flush() makes the last attempt.
			// biome-ignore lint/style/noRestrictedGlobals: the timers of @x/base/clock keep the process alive.
			setTimeout(() => this.#writeNext(), retryMs).unref();
			return;
		}
		// The next line tries again: a disk may have room by then. A pipe whose reader has ended gets no other.
		this.#isBusy = false;
		if (codeOf(error) === "EPIPE") this.#discard();
	}

	/** Returns whether there is something to write. */
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
		// Nobody wants to read it.
		if (codeOf(error) !== "EPIPE") this.#events.onLost(lost, codeOf(error));
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

/** The reader of a pipe has not read for a while. */
function isBusyReader(error: unknown): boolean {
	return codeOf(error) === "EAGAIN" || codeOf(error) === "EBUSY";
}
