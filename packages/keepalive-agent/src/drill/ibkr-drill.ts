import { monotonicMs, sleep, sleepOrReject } from "@x/base/clock";
import { isRecord } from "@x/base/objects";
import { createIbkrFetch, createIbkrHttp, createIbkrPacing, ibkrDefaults } from "@x/ibkr-session";
import type { IbkrConfig } from "../config/config.ts";
import { ibkrOptions } from "../config/create-session.ts";
import { ibkrLoginOf } from "../config/ibkr-login.ts";
import { members } from "../object-or-empty.ts";
import { DrillError, DrillRefused } from "./drill-error.ts";
import type { DrillVenue, OrderSeen } from "./drill-venue-interface.ts";
import { bestClock } from "./plan-order.ts";

/** The venue's questions about an order that the drill answers with yes: the price is far from the market, or market data is missing. */
const answeredQuestions: readonly string[] = ["o163", "o354"];
const maxQuestions = 5;
/** How many milliseconds opening a brokerage session may take: the venue loads the account data within seconds. */
const readyMs = 30_000;

/** The login that takes over: another session of the configuration, of the same user. */
export interface Standby {
	readonly name: string;
	readonly config: IbkrConfig;
}

/** Returns the HTTP client of a login. */
function clientOf(name: string, config: IbkrConfig) {
	const login = ibkrLoginOf(config);
	const { client } = ibkrOptions(name, config, login);
	// `createIbkrHttp` and `createIbkrFetch` share one rate limiter (`pacing`), so that their calls together stay within the venue's limits.
	const options = { ...client, pacing: createIbkrPacing() };
	const baseUrl = String(client.baseUrl ?? ibkrDefaults.baseUrl).replace(/\/$/, "");
	return {
		http: createIbkrHttp(options),
		fetchOwn: createIbkrFetch(options),
		baseUrl,
		close: () => login.close?.(),
	};
}

/**
 * A drill at IBKR, which cancels nothing when a session dies: the drill proves that the order survives. A user has only one brokerage
 * session, so the order is watched by a second client with the same login.
 */
export function ibkrDrill(name: string, config: IbkrConfig, standby?: Standby): DrillVenue {
	const first = clientOf(name, config);
	const second = standby && clientOf(standby.name, standby.config);
	/** The HTTP client that watches the order: the first login's client, until another login has taken over. */
	let { http, fetchOwn, baseUrl } = first;
	let account: string | undefined;
	/** The ids of orders by label. The venue's list of orders lags behind, and is read only if the id is not known. */
	const orderIds = new Map<string, string>();

	async function call(
		method: "GET" | "POST" | "DELETE",
		path: string,
		signal: AbortSignal,
		body?: object,
	): Promise<unknown> {
		const init = {
			method,
			signal,
			...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
		};
		const response = await fetchOwn(`${baseUrl}${path}`, init);
		const reply: unknown = await response.json().catch(() => undefined);
		if (response.status !== 200 || reply === undefined) {
			const shown = account === undefined ? path : path.replaceAll(account, "(account)");
			throw new DrillError(
				`IBKR answered ${method} ${shown} with status ${response.status}, or with a body that is no JSON`,
			);
		}
		return reply;
	}

	/**
	 * Uses the existing brokerage session. Opens a new one only if there is none, and never ends the brokerage session of another program.
	 */
	async function requireBrokerage(signal: AbortSignal): Promise<void> {
		const endsAt = monotonicMs() + readyMs;
		let isAsked = false;
		while (monotonicMs() < endsAt && !signal.aborted) {
			const outcome = await http.status({ signal });
			if (outcome.kind === "no-session") throw new DrillRefused("there is no login: log in first");
			const { state } = outcome.kind === "status" ? outcome.brokerage : { state: "disconnected" };
			if (state === "ready") return;
			if (state === "competing")
				throw new DrillRefused("another program holds the user's brokerage session: end it there first");
			if (state !== "loading" && !isAsked) {
				isAsked = true;
				const opened = await http.init({ compete: false }, { signal });
				if (opened.kind === "no-session") throw new DrillRefused("there is no login: log in first");
				if (opened.kind === "refused")
					throw new DrillRefused("another program holds the user's brokerage session: end it there first");
			}
			await sleep(500, signal);
		}
		throw new DrillRefused(
			"no brokerage session was ready in time, and another program may hold it: a drill ends only its own session",
		);
	}

	async function listOrders(signal: AbortSignal): Promise<readonly Readonly<Record<string, unknown>>[]> {
		const path = "/iserver/account/orders";
		let reply = members(await call("GET", path, signal));
		// The first list of orders in a session may be empty. If the member `snapshot` is not true, the list is read once more.
		if (reply["snapshot"] !== true) reply = members(await call("GET", path, signal));
		const { orders } = reply;
		return Array.isArray(orders) ? orders.filter(isRecord) : [];
	}

	return {
		hosts: [new URL(baseUrl).host],
		expectedReason: undefined,
		hasPaperAccounts: true,
		venueTimeMs: 0,
		pollMs: 1_000,

		// Always false: the address does not show whether the money is real, because live and paper trading use a gateway on this machine.
		isTest: async () => false,

		// The clock difference is given as 0, because the drill does not compare IBKR's times, which are whole seconds, with this machine's
		// clock.
		clock: (signal) =>
			bestClock(async () => {
				const startedAt = monotonicMs();
				await http.status({ signal });
				return { clockAheadMs: 0, roundTripMs: monotonicMs() - startedAt };
			}),

		async account(signal) {
			await requireBrokerage(signal);
			const outcome = await http.accounts({ signal });
			if (outcome.kind !== "accounts") throw new DrillRefused("the venue does not show the accounts of this login");
			const names = outcome.accounts.reveal();
			account = names[0];
			// The ids of paper accounts begin with D. An account counts as paper only if the login says so too.
			const isPaper = outcome.loginType === "paper" && names.every((each) => each.startsWith("D"));
			const open = (await listOrders(signal)).filter(({ status }) => isOpen(status));
			return { names, isPaper, openOrders: open.length };
		},

		async plan({ instrument, price, amount = "1" }) {
			if (instrument === undefined || price === undefined || !/^\d{1,12}$/.test(instrument)) {
				throw new DrillRefused(
					"at IBKR give --instrument with a contract ID (conid) and --price, far below the market",
				);
			}
			return { instrument, price, amount };
		},

		async place(plan, label, _guarded, signal) {
			const { instrument, price, amount } = plan;
			const terms = { conid: Number(instrument), side: "BUY", orderType: "LMT", tif: "DAY", cOID: label };
			const orders = [{ ...terms, price: Number(price), quantity: Number(amount) }];
			let reply = firstOf(await call("POST", `/iserver/account/${account}/orders`, signal, { orders }));
			for (let count = 0; count < maxQuestions && reply["order_id"] === undefined; count += 1) {
				const { id, messageIds } = reply;
				const asked = Array.isArray(messageIds) ? messageIds.map(String) : [];
				if (typeof id !== "string" || asked.length === 0) throw new DrillError("the venue did not accept the order");
				if (!asked.every((each) => answeredQuestions.includes(each))) {
					throw new DrillError(
						`the venue asks about the order (${asked.join(", ")}), and a drill does not answer these questions`,
					);
				}
				reply = firstOf(await call("POST", `/iserver/reply/${encodeURIComponent(id)}`, signal, { confirmed: true }));
			}
			const orderId = reply["order_id"];
			if (orderId === undefined) throw new DrillError("the venue did not say which order it placed");
			orderIds.set(label, String(orderId));
			return { ...plan, label, orderId: String(orderId) };
		},

		look: ({ orderId }, signal) => look(orderId, signal),

		async cancelByLabel(_plan, label, signal) {
			const known = orderIds.get(label);
			if (known !== undefined) {
				if ((await look(known, signal)).state === "cancelled") return 0;
				return (await cancel(known, signal)) ? 1 : 0;
			}
			const mine = (await listOrders(signal)).filter(({ order_ref, status }) => order_ref === label && isOpen(status));
			for (const { orderId } of mine) await cancel(String(orderId), signal);
			return mine.length;
		},

		...(second && {
			async takeOver(signal: AbortSignal) {
				const startedAt = monotonicMs();
				// The login competes only once: two logins that both compete would end each other's sessions for ever.
				const opened = await second.http.init({ compete: true }, { signal });
				if (opened.kind !== "accepted")
					throw new DrillError(
						`${standby?.name} could not take over the brokerage session: IBKR answered its init with ${opened.kind}`,
					);
				for (;;) {
					const outcome = await second.http.status({ signal });
					if (outcome.kind === "status" && outcome.brokerage.state === "ready") break;
					await sleepOrReject(500, signal);
				}
				const outcome = await second.http.accounts({ signal });
				const isSame =
					outcome.kind === "accounts" && account !== undefined && outcome.accounts.reveal().includes(account);
				if (!isSame)
					throw new DrillError(`${standby?.name} has taken over, and does not show the account of the order`);
				({ http, fetchOwn, baseUrl } = second);
				const took = Math.round(monotonicMs() - startedAt);
				return `${standby?.name} took over the brokerage session in ${took} ms with compete: true, and sees the order`;
			},
		}),

		async close() {
			first.close();
			second?.close();
		},
	};

	async function look(orderId: string, signal: AbortSignal): Promise<OrderSeen> {
		const order = members(await call("GET", `/iserver/account/order/status/${encodeURIComponent(orderId)}`, signal));
		const { order_status: status, cum_fill: filled } = order;
		if (Number(filled) > 0 || status === "Filled") return { state: "filled", amount: String(filled) };
		if (isOpen(status)) return { state: "open" };
		if (typeof status !== "string") throw new DrillError("the venue does not say what became of the order");
		return { state: "cancelled", reason: status, at: undefined };
	}

	/** Cancels an order. @returns whether it was open: the venue refuses to cancel an order that has ended. */
	async function cancel(orderId: string, signal: AbortSignal): Promise<boolean> {
		const { order_id: id } = members(
			await call("DELETE", `/iserver/account/${account}/order/${encodeURIComponent(orderId)}`, signal).catch(
				() => undefined,
			),
		);
		return id !== undefined;
	}
}

/** Whether an order with this status at the venue may still be filled. */
function isOpen(status: unknown): boolean {
	return ["Submitted", "PreSubmitted", "PendingSubmit", "PendingCancel", "Inactive"].includes(String(status));
}

function firstOf(reply: unknown): Readonly<Record<string, unknown>> {
	return members(Array.isArray(reply) ? reply[0] : reply);
}
