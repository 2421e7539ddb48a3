import type { WireReply, WireRequest } from "../venue.ts";
import { errorReply, html, json, text } from "./build-replies.ts";
import { type OrderTicket, readTicket, toStatus, toTradeWire, toWire } from "./order.ts";
import type { IbkrOrders } from "./orders.ts";
import type { IbkrSession } from "./session.ts";

/** The recorded texts of order questions, by the id of the question. */
const questionTexts: Readonly<Record<string, string>> = {
	o163: "The following order price exceeds \nthe Percentage constraint of 3%.\nAre you sure you want to submit this order?",
	o354:
		"You are submitting an order without market data. We strongly recommend against this as it may result in erroneous and " +
		"unexpected trades.\nAre you sure you want to submit this order?",
};

/** Orders of one call that are placed once the caller has answered all order questions. */
interface PendingOrders {
	readonly account: string;
	readonly tickets: readonly OrderTicket[];
	/** Ids of the questions without an answer. The first one has been asked; the others are asked later. */
	readonly questions: readonly string[];
}

/** The calls that place, change, cancel and list orders, and the calls that answer or suppress order questions. */
export class IbkrOrderCalls {
	readonly #session: IbkrSession;
	readonly #orders: IbkrOrders;
	readonly #questions: readonly string[];
	readonly #pending = new Map<string, PendingOrders>();
	#lastQuestion = 0;

	/**
	 * @param questions - the ids of the questions that are asked before an order is placed, unless they are suppressed.
	 */
	constructor(session: IbkrSession, orders: IbkrOrders, questions: readonly string[]) {
		this.#session = session;
		this.#orders = orders;
		this.#questions = questions;
	}

	/** The reply to an order call of a logged-in user; undefined for any other call. */
	reply({ method, body }: WireRequest, path: string): WireReply | undefined {
		if (!/^\/iserver\/(account\/|reply\/|questions\/)/.test(path)) return undefined;
		if (this.#session.brokerage !== "live") return text(401, "not authenticated");
		const call = `${method} ${path}`;
		if (call === "POST /iserver/questions/suppress") return this.#suppress(readBody(body));
		if (call === "POST /iserver/questions/suppress/reset") return this.#resetSuppressed();
		if (!this.#session.accountsAsked) return errorReply(400, "Bad Request: Please query /accounts first");
		if (call === "GET /iserver/account/orders") {
			return json({ orders: this.#orders.list().map(toWire), snapshot: true });
		}
		if (call === "GET /iserver/account/trades") return json(this.#orders.trades().map(toTradeWire));
		const [, statusOf] = /^GET \/iserver\/account\/order\/status\/([^/]+)$/.exec(call) ?? [];
		if (statusOf !== undefined) return this.#status(statusOf);
		const [, question] = /^POST \/iserver\/reply\/([^/]+)$/.exec(call) ?? [];
		if (question !== undefined) return this.#answer(question, readBody(body));
		return this.#ofAccount(call, readBody(body));
	}

	#ofAccount(call: string, body: Readonly<Record<string, unknown>> | undefined): WireReply {
		const [, method, account = "", resource, id] =
			/^(\w+) \/iserver\/account\/([^/]+)\/(orders|order)(?:\/([^/]+))?$/.exec(call) ?? [];
		if (resource === undefined) return html(404, "Resource not found");
		if (!this.#session.accounts.includes(account)) return errorReply(400, "Bad Request: account");
		if (method === "POST" && resource === "orders" && id === undefined) return this.#place(account, body);
		if (method === "POST" && resource === "order" && id !== undefined) return this.#change(id, body);
		if (method === "DELETE" && resource === "order" && id !== undefined) return this.#cancel(id);
		return html(404, "Resource not found");
	}

	#place(account: string, body: Readonly<Record<string, unknown>> | undefined): WireReply {
		const given = Array.isArray(body?.["orders"]) ? body["orders"].map(readTicket) : [];
		const tickets = given.filter((ticket) => ticket !== undefined);
		if (tickets.length === 0 || tickets.length < given.length) return errorReply(400, "Bad Request: no orders");
		const questions = this.#questions.filter((question) => !this.#session.suppressedQuestions.has(question));
		if (questions.length > 0) return this.#ask({ account, tickets, questions });
		return this.#placed(account, tickets);
	}

	#ask(pending: PendingOrders): WireReply {
		const [question = ""] = pending.questions;
		this.#lastQuestion += 1;
		const id = `00000000-0000-4000-8000-${String(this.#lastQuestion).padStart(12, "0")}`;
		this.#pending.set(id, pending);
		const message = [questionTexts[question] ?? `Question ${question}`];
		return json([{ id, message, isSuppressed: false, messageIds: [question], messageOptions: ["Yes", "No"] }]);
	}

	#answer(id: string, body: Readonly<Record<string, unknown>> | undefined): WireReply {
		const pending = this.#pending.get(id);
		if (!pending) return errorReply(400, "Bad Request: no such question");
		this.#pending.delete(id);
		if (body?.["confirmed"] !== true) return json([]);
		const { account, tickets, questions } = pending;
		const left = questions.slice(1);
		return left.length > 0 ? this.#ask({ account, tickets, questions: left }) : this.#placed(account, tickets);
	}

	#placed(account: string, tickets: readonly OrderTicket[]): WireReply {
		const orders = tickets.map((ticket) => {
			const { id, state } = this.#orders.place(account, ticket);
			return { order_id: id, order_status: state === "filled" ? "Filled" : "Submitted", encrypt_message: "1" };
		});
		return json(orders);
	}

	#change(id: string, body: unknown): WireReply {
		const order = this.#orders.findOpen(id);
		const ticket = readTicket(body);
		if (!order) return errorReply(400, `OrderID ${id} doesn't exist`);
		if (!ticket) return errorReply(400, "Bad Request: order");
		this.#orders.change(order, ticket);
		return json([{ order_id: id, order_status: "Submitted", encrypt_message: "1" }]);
	}

	#cancel(id: string): WireReply {
		const order = this.#orders.findOpen(id);
		if (!order) return errorReply(400, `OrderID ${id} doesn't exist`);
		this.#orders.cancel(order);
		return json({ msg: "Request was submitted", order_id: Number(id), conid: -1, account: null });
	}

	#status(id: string): WireReply {
		const order = this.#orders.find(id);
		return order ? json(toStatus(order)) : errorReply(503, `Order ${id} is not found`);
	}

	#suppress(body: Readonly<Record<string, unknown>> | undefined): WireReply {
		const ids = body?.["messageIds"];
		if (!Array.isArray(ids)) return errorReply(400, "Bad Request: messageIds");
		for (const id of ids) this.#session.suppressedQuestions.add(String(id));
		return json({ status: "submitted" });
	}

	#resetSuppressed(): WireReply {
		this.#session.suppressedQuestions.clear();
		return json({ status: "submitted" });
	}
}

/** The parsed JSON body; undefined if it is not a JSON object. */
function readBody(body: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(body);
		// The cast is safe: each member is checked before it is used.
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
