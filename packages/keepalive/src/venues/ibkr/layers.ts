/** One layer of a session at IBKR, as plain data. Instants are epoch milliseconds. */
export interface IbkrLayer {
	/** False for a layer that this session does without, such as the gateway's process with OAuth. */
	readonly needed: boolean;
	/**
	 * - `up`: proved, and the proof is young enough;
	 * - `opening`: asked for and not ready yet;
	 * - `down`: the venue or the system said that it is not there;
	 * - `unknown`: no proof yet, or none that is young enough.
	 */
	readonly state: "up" | "opening" | "down" | "unknown";
	/** When it was last proved alive. */
	readonly lastProofAt?: number;
	/** Why the state is unknown although there is a proof. */
	readonly doubt?: string;
	/** Its latest loss; it stays here when the layer is up again. */
	readonly lastLoss?: IbkrLoss;
}

/** Why and when a layer was lost. */
export interface IbkrLoss {
	readonly at: number;
	readonly why: string;
	/** Whether it fell into the venue's nightly reset or its weekend maintenance. Any other loss is an alarm. */
	readonly expected: boolean;
}

/**
 * The four layers of a session, each with its own state: a lost one is repaired where it was lost, and a gateway without a
 * process is not a user without a login.
 */
export interface IbkrLayers {
	/** When this was judged, epoch milliseconds. */
	readonly at: number;
	/** True when every layer that is needed is up. */
	readonly alive: boolean;
	/** The Client Portal Gateway's process. Not needed with OAuth. */
	readonly gateway: IbkrLayer;
	/** The Web API session: a person's login at the gateway, or a token. */
	readonly login: IbkrLayer;
	/** The brokerage session on top of it. Up only when accounts were answered since it opened. */
	readonly brokerage: IbkrLayer;
	/** The WebSocket. Needed when it is asked for. */
	readonly socket: IbkrLayer;
}

export type LayerName = "gateway" | "login" | "brokerage" | "socket";

/** From the lowest to the highest: each rests on those before it. */
export const layerNames: readonly LayerName[] = ["gateway", "login", "brokerage", "socket"];
