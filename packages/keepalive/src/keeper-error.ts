import { sentence } from "@x/base/errors";

const brand = "@x/keepalive/KeeperError";

/** An error of a keeper. The message holds no secret. */
export class KeeperError extends Error {
	override readonly name = "KeeperError";
	/**
	 * Identifies the class if two copies of this package are installed. Then `instanceof` fails for an error of the other copy.
	 */
	readonly brand = brand;
	/**
	 * What went wrong with a keeper:
	 *
	 * - `not-armed`: `requireArmed()` was called for a session that is not proved to be armed.
	 * - `not-ready`: `ready()` timed out; the message names each session that is not alive, and why.
	 * - `stopped`: the session or the keeper was stopped, or is closing.
	 * - `fatal`: a session ended for good; the member `cause` says why.
	 * - `claimed`: another keeper runs the session object.
	 *
	 * Only for a keeper in a worker:
	 *
	 * - `worker`: the worker could not be started, has died or does not answer.
	 * - `call-refused`: a call was not made, so nothing happened.
	 * - `call-failed`: the function that was called threw an error, which is in `cause`.
	 * - `call-unknown`: a call has no result because its deadline passed or the worker died; the function may have done its
	 *   work.
	 */
	readonly kind:
		| "not-armed"
		| "not-ready"
		| "stopped"
		| "fatal"
		| "claimed"
		| "worker"
		| "call-refused"
		| "call-failed"
		| "call-unknown";
	/** The name of the session; undefined when the error is about several sessions. */
	readonly session: string | undefined;

	constructor(kind: KeeperError["kind"], message: string, options: { session?: string; cause?: unknown } = {}) {
		super(sentence(`@x/keepalive: ${message}`), options.cause === undefined ? undefined : { cause: options.cause });
		this.kind = kind;
		this.session = options.session;
	}
}

/** Whether an error is a {@link KeeperError}, even if another installed copy of this package made it. */
export function isKeeperError(error: unknown): error is KeeperError {
	return error instanceof Error && "brand" in error && error.brand === brand;
}
