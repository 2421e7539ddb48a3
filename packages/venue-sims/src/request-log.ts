const maxEntries = 1_000;

/** The latest 1 000 requests and frames that a venue received, oldest first. */
export class RequestLog<Entry> {
	readonly entries: Entry[] = [];

	add(entry: Entry): void {
		this.entries.push(entry);
		if (this.entries.length > maxEntries) this.entries.shift();
	}
}
