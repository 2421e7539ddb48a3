import { DeribitFailure } from "./failure.ts";

/** The faults that are switched on. */
export interface ActiveFaults {
	/** Requests are executed but not answered: all of them, or these methods. */
	suppressed: true | ReadonlySet<string> | undefined;
	/** Requests fail with this error and are not executed: all of them, or these methods, so many times. */
	refused: { code: number; data: unknown; methods: ReadonlySet<string> | undefined; times: number } | undefined;
	/** Enabling cancel-on-disconnect fails with 10049. */
	failArming: boolean;
	/** Enabling cancel-on-disconnect returns `ok` but arms nothing. */
	ignoreArming: boolean;
	/** The platform is down for maintenance. */
	maintenance: boolean;
	/** The next private call fails with 10028. */
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

/** The error that the fault `refuse` planned for a request, if any. Each counts once. */
export function takeRefusal(faults: ActiveFaults, method: string): DeribitFailure | undefined {
	const { refused } = faults;
	if (!refused || (refused.methods && !refused.methods.has(method))) return undefined;
	refused.times -= 1;
	if (refused.times <= 0) faults.refused = undefined;
	return new DeribitFailure(refused.code, refused.data);
}
