import { monotonicMs } from "@x/base/clock";
import { createIbkrHttp, type IbkrBrokerageStatus } from "@x/ibkr-session";
import { addProblem, type Inspection, type InspectionDraft, type InspectionOptions } from "../../inspection-result.ts";
import { denied, keyNeedsCompete, toSessionError, wrongLogin } from "./error-disposition.ts";
import { type LoginAccounts, missingAccounts } from "./expected-login.ts";
import { ordersAfterLoss } from "./exposure.ts";
import { type IbkrSessionOptions, type IbkrSettings, resolveIbkrOptions, warningsOf } from "./options.ts";

/**
 * Inspects the session of a user at IBKR without changing it: reads the status of the brokerage session and the accounts.
 *
 * It sends no init, no tickle and no validation: an init may end another session, and tickles and validations would count towards limits
 * per address and user that a running program needs. With OAuth the inspection makes a token of its own.
 *
 * @returns what was found, even if a step failed.
 * @throws OptionError for an option that is not allowed.
 */
export async function inspectIbkr(
	options: IbkrSessionOptions,
	{ signal, onStep }: InspectionOptions,
): Promise<Inspection> {
	const settings = resolveIbkrOptions(options);
	const draft: InspectionDraft = {
		problems: [],
		warnings: warningsOf(settings),
		findings: [{ what: "protection", value: ordersAfterLoss }],
	};
	try {
		const client = createIbkrHttp(settings.client);
		onStep?.("POST /iserver/auth/status");
		const outcome = await client.status({ signal });
		// The option `renew` is left out: the token was made just now, so if IBKR rejects it, a new one would not help.
		const { renew: _, ...current } = settings;
		if (outcome.kind === "no-session") throw denied(outcome, current);
		if (outcome.kind === "status") requireNoCompetition(outcome.brokerage, settings);
		// The accounts show whether somebody is logged in. The status does not show this: it is the same without a login and with a
		// login that has no brokerage session.
		onStep?.("GET /iserver/accounts");
		// The round trip is measured from here, because with OAuth the first call also makes a token.
		const startedAt = monotonicMs();
		const accounts = await client.accounts({ signal });
		draft.roundTripMs = monotonicMs() - startedAt;
		if (accounts.kind === "no-session") throw denied(accounts, current);
		draft.findings.push({ what: "login", value: "there is one" });
		const state = outcome.kind === "status" ? outcome.brokerage.state : "none";
		draft.findings.push({ what: "brokerage session", value: state });
		if (accounts.kind === "accounts") compareLogin(accounts, settings, draft);
	} catch (error) {
		addProblem(draft, toSessionError(error));
	}
	return draft;
}

function requireNoCompetition(brokerage: IbkrBrokerageStatus, settings: IbkrSettings): void {
	if (settings.compete) return;
	if (brokerage.state === "competing") throw denied({ kind: "brokerage", brokerage }, settings);
	if (brokerage.forceOnly && brokerage.state !== "ready" && brokerage.state !== "loading") throw keyNeedsCompete();
}

function compareLogin(found: LoginAccounts, settings: IbkrSettings, draft: InspectionDraft): void {
	draft.findings.push({ what: "accounts", value: `${found.count}, for ${found.loginType ?? "live or paper"} trading` });
	const { accounts, loginType } = settings.expect ?? {};
	const missing = missingAccounts(accounts, found);
	if (missing) throw wrongLogin(`another login than expected: ${missing}`, settings);
	if (loginType && found.loginType && found.loginType !== loginType) {
		throw wrongLogin(`another login than expected: for ${found.loginType} trading, not ${loginType}`, settings);
	}
	if (loginType && !found.loginType) {
		draft.warnings.push("whether the login is for live or paper trading is only known once a session is open");
	}
}
