import { byId, setText } from "./dom.js";
import { verdictOf } from "./status-text.js";

/** @import { Session } from "./status-text.js" */

/** A screen reader reads out at most this many changes at once: the next change would cut a longer announcement off. */
const maxChanges = 5;

/** Announces changes of session states, and only these, to screen readers. */
export class Announcer {
	#title = "";
	/** @type {Map<string, string>} */
	#verdicts = new Map();

	/**
	 * @param {string} title - a sentence about all sessions.
	 * @param {readonly Session[]} sessions - empty while the page's data is old.
	 */
	tell(title, sessions) {
		const changed = sessions.filter((session) => {
			const before = this.#verdicts.get(session.name);
			return before !== undefined && before !== verdictOf(session);
		});
		for (const session of sessions) this.#verdicts.set(session.name, verdictOf(session));
		if (title === this.#title && changed.length === 0) return;
		this.#title = title;
		const details = changed.slice(0, maxChanges).map((session) => `${session.name}: ${verdictOf(session)}`);
		setText(byId("announcer"), [title, ...details].join(". "));
	}
}
