import { neverAborted, withDeadline } from "@x/base/clock";
import { type IbkrHttp, isIbkrError } from "@x/ibkr-session";
import type { Closed, OrdersOnClose } from "../../session.ts";
import { ordersAfterLoss } from "./exposure.ts";

/**
 * Timeout of the logout, in milliseconds. It is shorter than the keeper's default `closeTimeoutMs`, so that the keeper gets the result in
 * time.
 */
const logoutTimeoutMs = 8_000;

/** What {@link leave} needs to close a session. */
export interface Leaving {
	/** The client of the session; undefined if no session is open. */
	readonly client: IbkrHttp | undefined;
	readonly logoutOnClose: boolean;
	/** Resolves when the socket is closed. */
	readonly socketClosed: Promise<void>;
}

/**
 * Closes a session: logs out if the option `logoutOnClose` says so, and waits until the socket is closed. The working orders are not
 * affected.
 */
export async function leave(orders: OrdersOnClose, { client, logoutOnClose, socketClosed }: Leaving): Promise<Closed> {
	const detail = await logout(client, logoutOnClose);
	await socketClosed;
	if (orders === "keep") return { orders: "kept", detail: `${detail}; ${ordersAfterLoss}` };
	return { orders: "refused", detail: `${detail}; ${ordersAfterLoss}. Cancel them yourself` };
}

/** Logs out if `logoutOnClose` says so. @returns what happened to the session, as a human-readable text. */
async function logout(client: IbkrHttp | undefined, logoutOnClose: boolean): Promise<string> {
	if (!client) return "no session was open";
	const timesOut = "the session will time out on its own in a few minutes";
	if (!logoutOnClose) return timesOut;
	const deadline = { ms: logoutTimeoutMs, signal: neverAborted, onTimeout: () => new Error("logout timed out") };
	try {
		const { kind } = await withDeadline(deadline, (signal) => client.logout({ signal }));
		if (kind === "logged-out") return "logged out";
		return kind === "unconfirmed" ? "the venue did not confirm the logout" : "the session had already ended";
	} catch (error) {
		const reason =
			isIbkrError(error) && error.kind === "banned"
				? "was not sent, because IBKR blocks this IP address (429)"
				: "was not answered";
		return `the logout ${reason}: ${timesOut}`;
	}
}
