import {
	type AccountsOutcome,
	type IbkrClient,
	type IbkrError,
	type InitOutcome,
	isIbkrError,
	type LogoutOutcome,
	type ReauthenticateOutcome,
	type StatusOutcome,
	type TickleOutcome,
	type ValidateOutcome,
} from "@x/ibkr-session";

/** What any call of a client can learn. */
export type CallOutcome =
	| AccountsOutcome
	| InitOutcome
	| LogoutOutcome
	| ReauthenticateOutcome
	| StatusOutcome
	| TickleOutcome
	| ValidateOutcome;

/** Who is told of every answer. */
export interface Watcher {
	heard(outcome: CallOutcome): void;
	failed(error: IbkrError): void;
}

/** The same client, of which every answer is told: whoever makes a call, what it shows of the session counts. */
export function watchedClient(client: IbkrClient, watcher: Watcher): IbkrClient {
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
	return Object.freeze<IbkrClient>({
		init: watched(client.init),
		status: watched(client.status),
		tickle: watched(client.tickle),
		validate: watched(client.validate),
		reauthenticate: watched(client.reauthenticate),
		logout: watched(client.logout),
		accounts: watched(client.accounts),
	});
}
