import { errorName, sentence } from "@x/base/errors";
import { isBybitError } from "@x/bybit-dcp";
import { isDeribitError } from "@x/deribit-session";
import { isIbkrError } from "@x/ibkr-session";
import { isSessionError } from "@x/keepalive";

/** A step of a drill failed. The message is for a person and holds no secret. */
export class DrillError extends Error {
	override readonly name: string = "DrillError";

	constructor(message: string) {
		super(sentence(message));
	}
}

/** The drill does not start. Nothing was placed. */
export class DrillRefused extends DrillError {
	override readonly name = "DrillRefused";
}

/** What an error says, without a secret: messages of errors that are not ours are left out. */
export function explain(error: unknown): string {
	const isOurs = [isDeribitError, isBybitError, isIbkrError, isSessionError].some((is) => is(error));
	if (error instanceof Error && (isOurs || error instanceof DrillError)) return error.message;
	return `unexpected ${errorName(error)}`;
}
