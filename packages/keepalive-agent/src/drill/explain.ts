import { errorName } from "@x/base/errors";
import { isBybitError } from "@x/bybit-dcp";
import { isDeribitError } from "@x/deribit-session";
import { isSessionError } from "@x/keepalive";

/** A step of a drill failed. The message is for a person and holds no secret. */
export class DrillError extends Error {
	override readonly name: string = "DrillError";
}

/** The drill does not start. Nothing was placed. */
export class DrillRefused extends DrillError {
	override readonly name = "DrillRefused";
}

/** What an error says, without a secret: messages of errors that are not ours are left out. */
export function explain(error: unknown): string {
	if (error instanceof DrillError || isDeribitError(error) || isBybitError(error) || isSessionError(error)) {
		return error.message;
	}
	return `unexpected ${errorName(error)}`;
}
