import type { StatusRecord } from "../status/status.ts";
import { packError } from "./packed-error.ts";
import type { SharedArmedState } from "./shared-armed-state.ts";
import type { FromWorker } from "./thread-messages.ts";

/**
 * How many records may be on their way to a program that does not read. The same number of further records may wait in this worker.
 */
const maxRecords = 1_000;

/**
 * Sends status records to the program. While the program does not read, the oldest records are dropped, and the next record says
 * how many were dropped.
 */
export class RecordOutbox {
	readonly #words: SharedArmedState;
	readonly #post: (message: FromWorker) => void;
	readonly #waiting: Extract<FromWorker, { type: "record" }>[] = [];
	#sent = 0;
	#dropped = 0;

	constructor(words: SharedArmedState, post: (message: FromWorker) => void) {
		this.#words = words;
		this.#post = post;
	}

	/** @param error - the latest failure of the session; undefined if there was no failure. */
	push(record: StatusRecord, error: unknown): void {
		this.#waiting.push({ type: "record", record, ...(error !== undefined && { error: packError(error) }) });
		this.flush();
		if (this.#waiting.length <= maxRecords) return;
		this.#waiting.shift();
		this.#dropped += 1;
	}

	/**
	 * Sends as many records as may be on their way. To be called regularly, because no message says how many records the program
	 * has received: only a count in shared memory shows it.
	 */
	flush(): void {
		while (this.#waiting.length > 0 && this.#words.notReceived("records", this.#sent) < maxRecords) {
			const message = this.#waiting.shift();
			if (!message) return;
			const { record } = message;
			this.#post(this.#dropped > 0 ? { ...message, record: { ...record, dropped: this.#dropped } } : message);
			this.#dropped = 0;
			this.#sent = (this.#sent + 1) | 0;
		}
	}
}
