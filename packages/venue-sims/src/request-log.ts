const maxEntries = 1_000;

/** A log that keeps the latest 1 000 requests and frames that a venue received, oldest first. */
export class RequestLog<Entry> {
	readonly entries: Entry[] = [];

	add(entry: Entry): void {
		this.entries.push(entry);
		if (this.entries.length > maxEntries) this.entries.shift();
	}
}
