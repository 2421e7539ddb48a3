import { monotonicMs } from "@x/base/clock";
import { type Logger, silentLogger } from "../../logger.ts";
import { messageOf } from "./error-disposition.ts";

/** Logs each call of one session, with its duration and its outcome. */
export class WireLog {
	readonly #session: string;
	/** Where to log; by default nothing is logged. */
	logger: Logger = silentLogger;

	constructor(session: string) {
		this.#session = session;
	}

	/** Makes a call and logs it. If it fails, the logged error message contains no secrets. */
	async call<T>(call: string, work: () => Promise<T>): Promise<T> {
		const startedMs = monotonicMs();
		try {
			const value = await work();
			this.#debug(call, startedMs, "ok");
			return value;
		} catch (error) {
			this.#debug(call, startedMs, messageOf(error));
			throw error;
		}
	}

	info(message: string): void {
		this.logger.info(message, { session: this.#session });
	}

	warn(message: string): void {
		this.logger.warn(message, { session: this.#session });
	}

	#debug(call: string, startedMs: number, outcome: string): void {
		if (this.logger === silentLogger) return;
		this.logger.debug(`Bybit call ${call}`, { session: this.#session, call, ms: monotonicMs() - startedMs, outcome });
	}
}
