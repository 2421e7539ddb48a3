import { monotonicMs } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { IbkrBrokerageStatus, IbkrError } from "@x/ibkr-session";
import { type CallOutcome, described, mayBeReset, quoted } from "./error-disposition.ts";
import type { Expectation } from "./reset-times.ts";

/** One layer of a session at IBKR (gateway, login, brokerage session or socket), as plain data. Times are epoch milliseconds. */
export interface IbkrLayer {
	/** False for a layer that this session does not use, such as the gateway with OAuth. */
	readonly needed: boolean;
	/**
	 * - `up`: proved alive, and the proof is recent;
	 * - `opening`: requested, but not ready yet;
	 * - `down`: the venue said that there is none, or the connection failed;
	 * - `deaf`: the socket is connected, but the venue sends nothing but heartbeats over it;
	 * - `unknown`: there is no proof, or no recent proof.
	 */
	readonly state: "up" | "opening" | "down" | "deaf" | "unknown";
	/** When the layer was last proved to work, such as by a reply of the venue. */
	readonly lastProofAt?: number;
	/** Why the state is `unknown` although the layer was proved once, or why the state is `deaf`. */
	readonly reason?: string;
	/** The latest loss of the layer. It stays here when the layer is up again. */
	readonly lastLoss?: {
		readonly at: number;
		readonly reason: string;
		/** True if IBKR's nightly reset or weekend maintenance explains the cause and the time of the loss. If false, raise an alarm. */
		readonly expected: boolean;
	};
}

/** The four layers of a session. Each has its own state, because a gateway that does not run is another problem than a lost login. */
export interface IbkrLayers {
	/** When the states were determined, in epoch milliseconds. */
	readonly at: number;
	/** Whether every needed layer is up. A socket in the state `deaf` counts as up, because all calls work without the socket. */
	readonly alive: boolean;
	/** The process of the Client Portal Gateway. Not needed with OAuth. */
	readonly gateway: IbkrLayer;
	/** The Web API session: a person's login at the gateway, or an OAuth token. */
	readonly login: IbkrLayer;
	/** The brokerage session. It is up only if it has answered a request for the accounts. */
	readonly brokerage: IbkrLayer;
	/** The WebSocket. It is needed only with the option `socket`. */
	readonly socket: IbkrLayer;
}

/** The name of a layer of the session. */
export type LayerName = "gateway" | "login" | "brokerage" | "socket";

/** The layers of a session, from the lowest to the highest. Each depends on all before it. */
const layerNames: readonly LayerName[] = ["gateway", "login", "brokerage", "socket"];

interface LayerState {
	state: IbkrLayer["state"];
	reason: string | undefined;
	provedAt: Instant | undefined;
	loss: IbkrLayer["lastLoss"] | undefined;
}

/** Settings of a {@link LayerTracker}. */
export interface LayerTrackerOptions {
	readonly needed: Readonly<Record<LayerName, boolean>>;
	/** How long a proof of a layer is valid, in milliseconds. After this time the layer is `unknown`. */
	readonly ttlMs: number;
	readonly expectation: (at: number, mayBeReset: boolean) => Expectation;
}

const wallClock = (): number => Date.now();

const brokerageLosses: Readonly<Record<Exclude<IbkrBrokerageStatus["state"], "ready" | "loading">, string>> = {
	competing: "another session of this user holds it",
	unauthenticated: "it has ended, the login is still good",
	disconnected: "the venue has no connection to its backend for this user",
};

/** Tracks the state of each layer of a session, from the outcomes of all its calls. */
export class LayerTracker {
	readonly #options: LayerTrackerOptions;
	readonly #layers: Readonly<Record<LayerName, LayerState>>;

	constructor(options: LayerTrackerOptions) {
		this.#options = options;
		const initial = (): LayerState => ({ state: "unknown", reason: undefined, provedAt: undefined, loss: undefined });
		this.#layers = { gateway: initial(), login: initial(), brokerage: initial(), socket: initial() };
	}

	/** Records the outcome of a call. */
	recordOutcome(outcome: CallOutcome): void {
		this.recordUp("gateway");
		switch (outcome.kind) {
			case "no-session":
				this.#loseLogin(described(outcome), mayBeReset(outcome));
				break;
			case "logged-out":
				this.#loseLogin("logged out", false);
				break;
			case "valid":
			case "unstated":
				this.recordUp("login");
				break;
			case "live":
			case "not-ready":
				this.recordUp("login");
				this.#recordBrokerage(outcome.brokerage);
				break;
			case "status":
				if (outcome.brokerage.authenticated) this.recordUp("login");
				this.#recordBrokerage(outcome.brokerage);
				break;
			case "accounts":
				this.recordUp("login");
				this.recordUp("brokerage");
				break;
			case "accepted":
				if (this.#layers.brokerage.state !== "up") this.#layers.brokerage.state = "opening";
				break;
			case "refused":
				this.recordLoss("brokerage", `an init was refused${quoted(outcome)}`, outcome.because === "unstated");
				break;
			case "no-brokerage":
				// The answer `{}` does not mean a loss: IBKR gives it also while the brokerage session is not ready, or while another login
				// holds it.
				if (outcome.because === "empty") this.#layers.brokerage.state = "opening";
				else this.recordLoss("brokerage", described(outcome), true);
		}
	}

	/** Records a failed call. It shows something about the gateway, but nothing about the other layers. */
	recordFailure({ kind, status, code }: IbkrError): void {
		if (kind === "network") this.recordLoss("gateway", `the connection failed${code ? ` (${code})` : ""}`);
		else if (kind === "timeout") this.#invalidate("gateway", "it did not answer in time");
		else if (status !== undefined) this.recordUp("gateway");
	}

	/** Records that the session was closed. Earlier proofs say nothing about the next session. */
	recordClosed(): void {
		this.#invalidate("brokerage", "the session was closed");
		this.#invalidate("socket", "the session was closed");
	}

	/** Records that a layer was proved alive `ageMs` milliseconds ago. */
	recordUp(name: LayerName, ageMs = 0): void {
		const layer = this.#layers[name];
		layer.state = "up";
		layer.reason = undefined;
		layer.provedAt = { wallMs: Date.now() - ageMs, monotonicMs: monotonicMs() - ageMs };
	}

	/** Records that the socket is connected, but the venue sends nothing but heartbeats over it. */
	recordDeaf(ageMs: number): void {
		this.recordUp("socket", ageMs);
		this.#layers.socket.state = "deaf";
		this.#layers.socket.reason = "only heartbeats come: another WebSocket of this session may get the messages";
	}

	/**
	 * Records the loss of a layer. If a layer is lost several times in a row, only the first loss is kept, because the later ones follow
	 * from it.
	 *
	 * @param canBeReset - whether a reset of IBKR can be the cause.
	 */
	recordLoss(name: LayerName, reason: string, canBeReset = false): void {
		const layer = this.#layers[name];
		if (layer.state === "down") return;
		layer.state = "down";
		layer.reason = undefined;
		const at = Date.now();
		layer.loss = { at, reason, expected: this.#options.expectation(at, canBeReset).expected };
	}

	/** The state of each layer at this moment. */
	report(): IbkrLayers {
		const reports = new Map<LayerName, IbkrLayer>();
		let notUp: LayerName | undefined;
		for (const name of layerNames) {
			const layer = this.#report(name, notUp);
			reports.set(name, layer);
			if (layer.needed && layer.state !== "up" && layer.state !== "deaf") notUp ??= name;
		}
		const reportOf = (name: LayerName): IbkrLayer => reports.get(name) ?? this.#report(name, undefined);
		return {
			at: Date.now(),
			alive: notUp === undefined,
			gateway: reportOf("gateway"),
			login: reportOf("login"),
			brokerage: reportOf("brokerage"),
			socket: reportOf("socket"),
		};
	}

	/** @param notUp - the lowest needed layer below `name` that is not up; undefined if all of these are up. */
	#report(name: LayerName, notUp: LayerName | undefined): IbkrLayer {
		const { state, reason, provedAt, loss } = this.#layers[name];
		const facts = {
			needed: this.#options.needed[name],
			...(provedAt ? { lastProofAt: Math.round(provedAt.wallMs) } : {}),
			...(reason ? { reason } : {}),
			...(loss ? { lastLoss: loss } : {}),
		};
		if ((state !== "up" && state !== "deaf") || !provedAt) return { state, ...facts };
		if (notUp) return { state: "unknown", reason: `it depends on the ${notUp}, which is not up`, ...facts };
		// Uses the clock that shows the longer time, because the monotonic clock stops while the machine is suspended.
		const ageMs = Math.round(longestElapsedMs(provedAt, instantNow(wallClock)));
		if (ageMs < this.#options.ttlMs) return { state, ...facts };
		return { state: "unknown", reason: `it was last proved alive ${ageMs} ms ago`, ...facts };
	}

	#recordBrokerage(brokerage: IbkrBrokerageStatus): void {
		const layer = this.#layers.brokerage;
		const { state } = brokerage;
		if (state === "loading") layer.state = "opening";
		else if (state !== "ready") {
			const reason = `${brokerageLosses[state]}${quoted(brokerage)}`;
			this.recordLoss("brokerage", reason, mayBeReset({ kind: "brokerage", brokerage }));
		}
		// A status that reports the brokerage session as ready is not enough: the session is up only if IBKR also answered with the accounts.
		else if (layer.state === "up") this.recordUp("brokerage");
		else layer.state = "opening";
	}

	#invalidate(name: LayerName, reason: string): void {
		const layer = this.#layers[name];
		if (layer.state !== "up" && layer.state !== "deaf") return;
		layer.state = "unknown";
		layer.reason = reason;
	}

	#loseLogin(reason: string, canBeReset: boolean): void {
		this.recordLoss("login", reason, canBeReset);
		this.recordLoss("brokerage", `the login is lost: ${reason}`, canBeReset);
	}
}
