import { getIserverAccounts200 } from "../generated/check.ts";
import { IbkrHidden } from "../hidden-value.ts";
import type { Answer } from "../http/classified-reply.ts";
import { readReply } from "../http/http-client.ts";
import type { IbkrOutcomes } from "./call-outcomes.ts";

const accountsCall = "GET /iserver/accounts";

export function readAccounts(answer: Answer): IbkrOutcomes["accounts"] {
	const reply = readReply(accountsCall, getIserverAccounts200, answer);
	if (reply.kind !== "reply") return reply;
	const accounts = reply.body.accounts ?? [];
	// The venue answers `{}` if another login holds the brokerage session, or if this session is not ready.
	if (accounts.length === 0) return { kind: "no-brokerage", because: "empty", status: 200 };
	const { isPaper } = reply.body;
	return {
		kind: "accounts",
		count: accounts.length,
		accounts: new IbkrHidden([...accounts]),
		...(typeof isPaper === "boolean" ? { loginType: isPaper ? "paper" : "live" } : {}),
	};
}
