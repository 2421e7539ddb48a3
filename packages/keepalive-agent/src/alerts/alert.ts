import type { AlertKind, AlertRecord } from "../agent/agent-record.ts";
import type { SessionView } from "../agent/session-view.ts";

/** An alert with what its message says besides the record. */
export interface Alert {
	readonly record: AlertRecord;
	/** When what it is about began, in epoch milliseconds. */
	readonly since: number;
	readonly venue?: SessionView["venue"];
	/** How long orders outlive a death. */
	readonly exposure?: NonNullable<SessionView["exposure"]>;
	/** The channel that it is about: it must not be sent there. */
	readonly aboutChannel?: string;
}

/** What an alert that is raised says. */
export interface AlertText {
	readonly severity: AlertRecord["severity"];
	readonly message: string;
	readonly todo?: string;
}

/** An alert that is raised and not resolved yet. */
export interface OpenAlert {
	readonly alertId: string;
	readonly kind: AlertKind;
	readonly severity: AlertRecord["severity"];
	readonly since: number;
	readonly aboutChannel?: string;
}

/** Longer texts of a venue are cut: an alert is read on a phone. */
const maxTextLength = 300;

/** The start of a text, in one line. */
export function shortText(text: string): string {
	const line = text.replace(/\s+/g, " ").trim();
	return line.length <= maxTextLength ? line : `${line.slice(0, maxTextLength - 1)}…`;
}
