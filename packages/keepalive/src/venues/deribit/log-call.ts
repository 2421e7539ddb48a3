import { monotonicMs } from "@x/base/clock";
import type { Logger } from "../../logger.ts";
import { messageOf, venueCodeOf } from "./error-disposition.ts";

/** Makes one call and logs its name, duration and outcome. Parameters and results are not logged: they may hold secrets. */
export async function logged<T>(logger: Logger, call: string, work: () => Promise<T>): Promise<T> {
	const startedAt = monotonicMs();
	const log = (outcome: string, venueCode?: number): void =>
		logger.debug(`@x/keepalive/deribit: ${call}`, {
			call,
			ms: Math.round(monotonicMs() - startedAt),
			outcome,
			...(venueCode !== undefined && { venueCode }),
		});
	try {
		const result = await work();
		log("ok");
		return result;
	} catch (error) {
		log(messageOf(error), venueCodeOf(error));
		throw error;
	}
}
