import { getIserverAccounts200 } from "../generated/check.ts";
import { IbkrHidden } from "../hidden.ts";
import type { Answer } from "../http/answer.ts";
import { readReply } from "../http/http.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";

/** The outcome of `accounts()`. */
export type IbkrAccountsOutcome =
	/** This proves that the brokerage session works. */
	| {
			readonly kind: "accounts";
			readonly count: number;
			/** The account numbers. */
			readonly accounts: IbkrHidden<readonly string[]>;
			/** Whether they are for paper trading, if the venue sent it. */
			readonly loginType?: "live" | "paper";
	  }
	| IbkrNoSession
	| IbkrNoBrokerage;

const accountsCall = "GET /iserver/accounts";

export function readAccounts(answer: Answer): IbkrAccountsOutcome {
	const reply = readReply(accountsCall, getIserverAccounts200, answer);
	if (reply.kind !== "reply") return reply;
	const accounts = reply.body.accounts ?? [];
	// The venue answers `{}` if another session holds the user, or this one is not ready.
	if (accounts.length === 0) return { kind: "no-brokerage", because: "empty", status: 200 };
	const { isPaper } = reply.body;
	return {
		kind: "accounts",
		count: accounts.length,
		accounts: new IbkrHidden([...accounts]),
		...(typeof isPaper === "boolean" ? { loginType: isPaper ? "paper" : "live" } : {}),
	};
}
