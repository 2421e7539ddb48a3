import { monotonicMs } from "../../time.ts";
import type { IbkrRegion } from "./calendar.ts";
import { InitBudget } from "./init-budget.ts";
import type { IbkrSettings } from "./options.ts";

/** The venue allows one validation a minute. */
const validateGapMs = 61_000;

/** What has to be remembered from one opening to the next, so that no limit of the venue is broken by opening again. */
export class Memory {
	readonly inits: InitBudget;
	/** Attempts to make a new token since the session was last open: the waits between them grow with it. */
	renewals = 0;
	/** Inits that may end another session. */
	readonly takeovers: InitBudget;
	/** As a validation told it. */
	region: IbkrRegion | undefined;
	#validatedAt = Number.NEGATIVE_INFINITY;

	constructor(limits: Pick<IbkrSettings, "maxInitsPerDay" | "maxTakeoversPerDay">) {
		this.inits = new InitBudget(limits.maxInitsPerDay);
		this.takeovers = new InitBudget(limits.maxTakeoversPerDay);
	}

	/** True when a validation may be sent, which is then counted. */
	mayValidate(): boolean {
		if (monotonicMs() - this.#validatedAt < validateGapMs) return false;
		this.#validatedAt = monotonicMs();
		return true;
	}
}
