import {
	type IbkrAccountsOutcome,
	type IbkrError,
	type IbkrHttp,
	type IbkrInitOutcome,
	type IbkrLogoutOutcome,
	type IbkrReauthenticateOutcome,
	type IbkrStatusOutcome,
	type IbkrTickleOutcome,
	type IbkrValidateOutcome,
	isIbkrError,
} from "@x/ibkr-session";

/** What any call of a client can learn. */
export type CallOutcome =
	| IbkrAccountsOutcome
	| IbkrInitOutcome
	| IbkrLogoutOutcome
	| IbkrReauthenticateOutcome
	| IbkrStatusOutcome
	| IbkrTickleOutcome
	| IbkrValidateOutcome;

/** Who is told of every answer. */
export interface Watcher {
	heard(outcome: CallOutcome): void;
	failed(error: IbkrError): void;
}

/** The same client, of which every answer is told: whoever makes a call, what it shows of the session counts. */
export function watchedClient(client: IbkrHttp, watcher: Watcher): IbkrHttp {
	const watched =
		<Args extends unknown[], Outcome extends CallOutcome>(call: (...args: Args) => Promise<Outcome>) =>
		async (...args: Args): Promise<Outcome> => {
			try {
				const outcome = await call(...args);
				watcher.heard(outcome);
				return outcome;
			} catch (error) {
				if (isIbkrError(error)) watcher.failed(error);
				throw error;
			}
		};
	return Object.freeze<IbkrHttp>({
		init: watched(client.init),
		status: watched(client.status),
		tickle: watched(client.tickle),
		validate: watched(client.validate),
		reauthenticate: watched(client.reauthenticate),
		logout: watched(client.logout),
		accounts: watched(client.accounts),
	});
}
