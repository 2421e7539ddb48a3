import type { IbkrOutcomes } from "@x/ibkr-session";
import { openFailed, wrongLogin } from "./error-disposition.ts";
import { type ProofContext, validateLogin } from "./login-proof.ts";

/** The reply that lists the accounts of a login. */
export type LoginAccounts = Extract<IbkrOutcomes["accounts"], { kind: "accounts" }>;

/**
 * Checks that the login is the one of the option `expect`.
 *
 * @param key - the session key, which identifies the login: it changes when a person logs in again.
 * @throws SessionError with the disposition `human` for another login, or `wait` while the login type is not known.
 */
export async function requireExpectedLogin(
	context: ProofContext,
	found: LoginAccounts,
	key: string | undefined,
): Promise<void> {
	const { history, settings } = context;
	history.wrongLoginKey = undefined;
	const wrong = await differenceOf(context, found);
	if (wrong === undefined) return;
	history.wrongLoginKey = key;
	throw wrongLogin(`another login than expected: ${wrong}`, settings);
}

async function differenceOf(context: ProofContext, found: LoginAccounts): Promise<string | undefined> {
	const { accounts, loginType } = context.settings.expect ?? {};
	const missing = missingAccounts(accounts, found);
	if (missing !== undefined || !loginType) return missing;
	const type = found.loginType ?? (await validatedLoginType(context));
	return type === loginType ? undefined : `for ${type} trading, not ${loginType}`;
}

/** Says how many of the expected accounts the login lacks; undefined if it has all. The text contains no account number. */
export function missingAccounts(expected: readonly string[] | undefined, found: LoginAccounts): string | undefined {
	const there = new Set(found.accounts.reveal());
	const missing = expected?.filter((account) => !there.has(account)).length ?? 0;
	return missing > 0 ? `${missing} of ${expected?.length} accounts of option expect are missing` : undefined;
}

/**
 * Returns the login type that a validation reports.
 *
 * @throws SessionError if no validation is allowed now, or if the validation reports no login type.
 */
async function validatedLoginType(context: ProofContext): Promise<"live" | "paper"> {
	const { history, settings } = context;
	// An earlier step of this open may have validated the login.
	if (history.reportedLoginType) return history.reportedLoginType;
	history.doubtLogin();
	const isAllowed = settings.mode !== "oauth1" && history.tryValidation();
	const type = isAllowed && (await validateLogin(context)) ? history.reportedLoginType : undefined;
	if (type) return type;
	const hint = settings.mode === "oauth1" ? ": use expect.accounts with OAuth 1.0a" : "";
	const waitMs = Math.max(history.validationInMs, settings.initBackoffMs);
	throw openFailed(`the venue does not say whether the login is for live or paper trading${hint}`, waitMs);
}
