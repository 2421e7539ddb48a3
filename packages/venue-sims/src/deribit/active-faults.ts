import { DeribitFailure } from "./error-reply.ts";

/** The faults of the simulated Deribit that are switched on. */
export interface ActiveFaults {
	/** Requests that are executed but get no reply: all requests (`true`), or those with these methods. */
	suppressed: true | ReadonlySet<string> | undefined;
	/** The next `times` requests with one of these methods (undefined: any method) fail with this error and are not executed. */
	refused: { code: number; data: unknown; methods: ReadonlySet<string> | undefined; times: number } | undefined;
	/** Whether calls that enable cancel-on-disconnect fail with error 10049. */
	failArming: boolean;
	/** Whether calls that enable cancel-on-disconnect return `ok` but do not enable it. */
	ignoreArming: boolean;
	/** Whether the platform is down for maintenance. */
	maintenance: boolean;
	/** Whether the next private call fails with error 10028. */
	rateLimitNext: boolean;
}

export function noActiveFaults(): ActiveFaults {
	return {
		suppressed: undefined,
		refused: undefined,
		failArming: false,
		ignoreArming: false,
		maintenance: false,
		rateLimitNext: false,
	};
}

export function isSuppressed({ suppressed }: ActiveFaults, method: string): boolean {
	return suppressed === true || (suppressed?.has(method) ?? false);
}

/**
 * Returns the error with which the fault `refuse` makes a request fail; undefined if there is none. Each refused request uses up one of the
 * fault's `times`.
 */
export function takeRefusal(faults: ActiveFaults, method: string): DeribitFailure | undefined {
	const { refused } = faults;
	if (!refused || (refused.methods && !refused.methods.has(method))) return undefined;
	refused.times -= 1;
	if (refused.times <= 0) faults.refused = undefined;
	return new DeribitFailure(refused.code, refused.data);
}
