import { errorName, sentence } from "@x/base/errors";
import { isBybitError } from "@x/bybit-dcp";
import { isDeribitError } from "@x/deribit-session";
import { isIbkrError } from "@x/ibkr-session";
import { isSessionError } from "@x/keepalive";

/** Thrown when a step of a drill fails. The message is for a person and holds no secret. */
export class DrillError extends Error {
	override readonly name: string = "DrillError";

	constructor(message: string) {
		super(sentence(message));
	}
}

/** Thrown when the drill does not start. No order was placed. */
export class DrillRefused extends DrillError {
	override readonly name = "DrillRefused";
}

/** The message of an error, without secrets. For an error that does not come from our own packages: only its name. */
export function explain(error: unknown): string {
	const isOurs = [isDeribitError, isBybitError, isIbkrError, isSessionError].some((is) => is(error));
	if (error instanceof Error && (isOurs || error instanceof DrillError)) return error.message;
	return `unexpected ${errorName(error)}`;
}
