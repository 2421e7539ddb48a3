import type { Link } from "@x/venue-sims";
import type { Session } from "../../session.ts";

/** One request over HTTP or one handshake, as the network saw it. */
export interface Seen {
	/** When it reached the venue, in epoch milliseconds of the world. */
	at: number;
	kind: "http" | "upgrade";
	path: string;
	/** Undefined when there was no answer. */
	status: number | undefined;
}

/** One frame of the client, as the network saw it. */
export interface Sent {
	/** When it left the client, in epoch milliseconds of the world. */
	at: number;
	/** Its method or op. */
	what: string;
}

/** A venue behind its link, on a machine that can stand still, with a record of all traffic. */
export interface Stage {
	/** The session's name, which is the venue's too. */
	readonly name: string;
	readonly link: Link;
	readonly session: Session;
	readonly seen: Seen[];
	/** Connections accepted so far; the last one is the client's newest. */
	accepted(): number;
	/** Frames sent by the client. */
	readonly sent: Sent[];
	/** Pulls a lever of the simulated venue. */
	pull(lever: string, args?: Record<string, unknown>): unknown;
	/** Whether orders are protected as the session claims: `yes`, the connection is `dead` to the venue, or the setting is `off`. */
	truth(): "yes" | "dead" | "off";
	/** How many milliseconds a stale claim may stand, by what is wrong. */
	readonly bounds: { dead: number; off: number };
	/** What was drawn for this run, for the report. */
	readonly settings: Record<string, unknown>;
}
