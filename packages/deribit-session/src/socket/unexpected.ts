/**
 * Something out of the ordinary that ends nothing.
 *
 * - `binary-frame`, `not-json`, `unknown-frame`: a frame that could not be read; `detail` never quotes it;
 * - `reply-without-id`, `reply-to-nothing`: a reply that no call waits for, for example after its deadline;
 * - `answer-failed`: the answer to a `test_request` could not be sent or was refused;
 * - `handler-failed`: `onNotification` threw or rejected.
 */
export interface DeribitUnexpectedMessage {
	type:
		| "binary-frame"
		| "not-json"
		| "unknown-frame"
		| "reply-without-id"
		| "reply-to-nothing"
		| "answer-failed"
		| "handler-failed";
	/** For people. */
	detail: string;
	/** What the handler threw, or the venue's refusal. */
	cause?: unknown;
}
