import type { AlertKind, AlertRecord } from "../agent/agent-record.ts";
import type { SessionView } from "../agent/session-view.ts";

/** An alert: its record, and the further data that its message shows. */
export interface Alert {
	readonly record: AlertRecord;
	/** When the condition that the alert reports began, in epoch milliseconds. */
	readonly since: number;
	readonly venue?: SessionView["venue"];
	/** How long orders stay in the book after the process dies or the network fails. */
	readonly exposure?: NonNullable<SessionView["exposure"]>;
	/** The channel whose failure the alert reports: the alert must not be sent to that channel. */
	readonly aboutChannel?: string;
}

/** The text and the severity of an alert that is raised. */
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

/** A venue's text is cut to this many characters, because an alert is read on a phone. */
const maxTextLength = 300;

/** Shortens a text to {@link maxTextLength} characters, and replaces its line breaks. */
export function shortText(text: string): string {
	const line = text.replace(/\s+/g, " ").trim();
	return line.length <= maxTextLength ? line : `${line.slice(0, maxTextLength - 1)}…`;
}
