import { createHash } from "node:crypto";

/** A violated invariant: its rule, the place, the time in milliseconds since the start, and the reason. */
export interface Violation {
	readonly rule: string;
	readonly where: string;
	readonly at: number;
	readonly detail: string;
}

/** One line of the log. */
export interface LogLine {
	readonly at: number;
	/** What the line is about: the name of a venue, `machine` or `keeper`. */
	readonly where: string;
	readonly text: string;
}

/** Digests to compare two runs of one seed. */
export interface Digests {
	/**
	 * Digest of everything that was sent: the time and content of each frame, handshake and call, and the time and length of each answer. It
	 * does not cover log messages.
	 */
	readonly wire: string;
	/** Digest of every line of the log, including the log messages of our own packages. */
	readonly words: string;
}

/** For each rule and place, at most one violation is reported within this many milliseconds. */
const quietMs = 1_800_000;
/** At most this many violations are reported per run. */
const mostViolations = 20;
const remembered = 4_000;
/**
 * Characters are collected and hashed in blocks of this size, because hashing each frame separately would cost more than the hash itself.
 */
const wireChunk = 65_536;
/**
 * Matches tokens and signatures. The simulators create them with the system's random source, so they differ between two runs of one seed.
 */
const randomText = /[\w%+=.~-]{24,}(?:\/[\w%+=.~-]*)*/g;

/**
 * Records what happens in a run, by the world's clock: a human-readable log, counts, and two digests to compare two runs of one
 * seed. One digest is of everything that was sent, and one of the log.
 */
export class Journal {
	readonly violations: Violation[] = [];
	readonly counts: Record<string, number> = {};
	/** Called with each log line. */
	onLine: (line: LogLine) => void = () => undefined;
	readonly #now: () => number;
	readonly #events: LogLine[] = [];
	readonly #flagged = new Map<string, number>();
	readonly #words = createHash("sha256");
	readonly #wire = createHash("sha256");
	#pendingWire = "";

	constructor(now: () => number) {
		this.#now = now;
	}

	tell(where: string, text: string): void {
		const line = { at: this.#now(), where, text };
		this.#events.push(line);
		if (this.#events.length > 2 * remembered) this.#events.splice(0, remembered);
		this.#words.update(`${line.at} ${where} ${text}\n`);
		this.onLine(line);
	}

	count(what: string): void {
		this.counts[what] = (this.counts[what] ?? 0) + 1;
	}

	/** Records data that was sent or received. It becomes part of the wire digest, but not of the log. */
	wire(where: string, what: string, content: string): void {
		this.#pendingWire += `${this.#now()} ${where} ${what} ${content.replace(randomText, "*")}\n`;
		if (this.#pendingWire.length < wireChunk) return;
		this.#wire.update(this.#pendingWire);
		this.#pendingWire = "";
	}

	violate(rule: string, where: string, detail: string): void {
		const at = this.#now();
		const key = `${rule} ${where}`;
		const before = this.#flagged.get(key);
		if (before !== undefined && at - before < quietMs) return;
		this.#flagged.set(key, at);
		if (this.violations.length < mostViolations) this.violations.push({ rule, where, at, detail });
		this.tell(where, `BROKEN ${rule}: ${detail}`);
	}

	/** The last log lines before a violation that are about the place of this violation. */
	last(count: number, { at, where }: Pick<Violation, "at" | "where">): LogLine[] {
		const concerns = (line: LogLine): boolean =>
			line.where === where || line.where === "machine" || line.where === "keeper";
		const all = where === "machine" || where === "keeper";
		return this.#events.filter((line) => line.at <= at && (all || concerns(line))).slice(-count);
	}

	/** The digests (SHA-256) of everything that was recorded. The journal cannot be used afterwards. */
	digests(): Digests {
		return { wire: this.#wire.update(this.#pendingWire).digest("hex"), words: this.#words.digest("hex") };
	}
}

/** Formats a time of a run, such as `13:07:55.250`. */
export function formatClock(ms: number): string {
	const days = Math.floor(ms / 86_400_000);
	const clock = new Date(ms % 86_400_000).toISOString().slice(11, 23);
	return days > 0 ? `${days}d ${clock}` : clock;
}

/** Formats a log line. */
export function formatLine({ at, where, text }: LogLine): string {
	return `${formatClock(at)}  ${where.padEnd(8)} ${text}`;
}
