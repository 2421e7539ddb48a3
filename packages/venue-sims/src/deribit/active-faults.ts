/** The faults that are switched on. */
export interface ActiveFaults {
	/** Requests are executed but not answered: all of them, or these methods. */
	suppressed: true | ReadonlySet<string> | undefined;
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
		failArming: false,
		ignoreArming: false,
		maintenance: false,
		rateLimitNext: false,
	};
}

export function isSuppressed({ suppressed }: ActiveFaults, method: string): boolean {
	return suppressed === true || (suppressed?.has(method) ?? false);
}
