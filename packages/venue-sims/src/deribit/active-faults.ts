/** What the venue does wrong at the moment. */
export interface ActiveFaults {
	/** Requests are heard and carried out, but not answered; with a list only these methods. */
	suppressed: true | ReadonlySet<string> | undefined;
	/** Enabling cancel-on-disconnect answers 10049. */
	failArming: boolean;
	/** Enabling cancel-on-disconnect answers `ok` and arms nothing. */
	ignoreArming: boolean;
	/** The platform is down: no connections, no answers. */
	maintenance: boolean;
	/** The next private call answers 10028. */
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
