import { noActiveFaults } from "./deribit/active-faults.ts";
import { Book } from "./deribit/book.ts";
import { type EndCause, SimConnection } from "./deribit/connection.ts";
import { Credits } from "./deribit/credits.ts";
import { Failure } from "./deribit/failure.ts";
import { deribitFaults } from "./deribit/faults.ts";
import { answerHttp, readRequest } from "./deribit/http.ts";
import type { State } from "./deribit/methods.ts";
import { type DeribitVenueOptions, deribitVenueDefaults, type Settings, settle } from "./deribit/options.ts";
import { Received } from "./deribit/received.ts";
import { answer, unreadable } from "./deribit/rpc.ts";
import { Tokens } from "./deribit/tokens.ts";
import { type DeribitTruth, truthOf } from "./deribit/truth.ts";
import type { SimFault, SimOrder, Upgrade, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";

export type { DeribitVenueOptions } from "./deribit/options.ts";

/**
 * Deribit's API v2: JSON-RPC over WebSocket (any path) and over HTTP under `/api/v2`, with its heartbeats, its
 * cancel-on-disconnect, tokens, limits and a small order book. See `levers` for the faults it can be made to have.
 */
export class DeribitVenue implements Venue {
	/** What is used where an option is left out; the credentials among it are good for tests. */
	static readonly defaults = deribitVenueDefaults;
	readonly name = "deribit";
	readonly faults: Readonly<Record<string, SimFault>>;
	readonly #settings: Settings;
	readonly #state: State;
	readonly #credits: Credits;
	readonly #received = new Received();
	readonly #connections = new Set<SimConnection>();
	#connectionCount = 0;

	constructor(options: DeribitVenueOptions = {}) {
		const settings = settle(options);
		this.#settings = settings;
		this.#credits = new Credits(settings);
		this.#state = {
			settings,
			tokens: new Tokens(settings),
			book: new Book(),
			faults: noActiveFaults(),
			accountArmed: settings.accountArmed,
		};
		this.faults = deribitFaults(this.#state, this.#connections);
	}

	/** The last thousand requests, oldest first, credentials included. */
	get received(): Received["entries"] {
		return this.#received.entries;
	}

	/** What the venue would really do, whatever it says. */
	truth(): DeribitTruth {
		return truthOf(this.#state, this.#connections);
	}

	http(request: WireRequest): WireReply {
		if (this.#isFull(request.remoteAddress)) return tooMany;
		return answerHttp(request, this.#state, this.#credits, ({ method, params }) =>
			this.#received.add({ method, params, via: "http" }),
		);
	}

	upgrade(request: WireRequest): Upgrade {
		const refuses = this.#settings.maintenanceHandshakes === "refused";
		if (this.#state.faults.maintenance && refuses) return { kind: "reply", status: 503, body: "" };
		if (this.#isFull(request.remoteAddress)) return tooMany;
		return { kind: "accept", attach: (wire) => this.#attach(wire, request.remoteAddress) };
	}

	orders(): readonly SimOrder[] {
		return this.#state.book.all();
	}

	close(): void {
		for (const connection of this.#connections) connection.abandon();
		this.#connections.clear();
		this.#state.book.close();
	}

	#isFull(address: string): boolean {
		const open = [...this.#connections].filter((connection) => connection.address === address);
		return open.length >= this.#settings.maxConnections;
	}

	#attach(wire: Wire, address: string): WireEnd {
		this.#connectionCount += 1;
		const connection = new SimConnection({
			id: `connection-${this.#connectionCount}`,
			address,
			wire,
			settings: this.#settings,
			armed: this.#state.accountArmed,
			ended: (ended, cause) => this.#ended(ended, cause),
		});
		this.#connections.add(connection);
		return {
			message: (data) => this.#hear(connection, data),
			closed: () => connection.gone(),
		};
	}

	#hear(connection: SimConnection, data: string | Uint8Array): void {
		if (!connection.open) return;
		try {
			if (typeof data !== "string") throw new Failure(this.#settings.unreadableCode, "invalid json");
			if (Buffer.byteLength(data) > this.#settings.maxFrameBytes) throw new Failure(-32600);
			const request = readRequest(data, this.#settings.unreadableCode);
			this.#received.add({ method: request.method, params: request.params, via: connection.id });
			connection.heard(this.#settings.answer === "any" || request.method === "public/test");
			const caller = { connection, address: connection.address, grant: undefined };
			const outcome = answer(request, caller, this.#state, this.#credits);
			if (outcome) connection.send(outcome.body);
			if (outcome?.rateLimited && this.#settings.closeOnRateLimit) {
				connection.close(this.#settings.rateLimitCloseCode, "too_many_requests");
			}
		} catch (failure) {
			if (!(failure instanceof Failure)) throw failure;
			connection.heard(false);
			connection.send(unreadable(failure, this.#state));
		}
	}

	#ended(connection: SimConnection, cause: EndCause): void {
		this.#connections.delete(connection);
		this.#state.tokens.connectionEnded(connection.id);
		const { disconnectFires, maintenanceFires, logoutFires } = this.#settings;
		const fires = { other: disconnectFires, maintenance: maintenanceFires, logout: logoutFires }[cause];
		if (connection.armed && fires) this.#state.book.connectionEnded(connection.id, this.#settings);
	}
}

const tooMany: WireReply = { kind: "reply", status: 429, body: "Too Many Requests" };
