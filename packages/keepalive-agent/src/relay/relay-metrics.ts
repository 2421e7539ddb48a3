import { Counter, Gauge, type Registry } from "prom-client";
import type { RelayReader } from "./relay-report-reader.ts";

const counters = {
	forwarded: ["keepalive_relay_calls_total", "Calls of bots that were sent to the venue."],
	refused: [
		"keepalive_relay_refusals_total",
		"Calls of bots that were refused, or have no reply from the venue, by reason.",
	],
	notified: ["keepalive_relay_notifications_total", "Notifications of the venue that were handed to bots."],
	"cut-off": ["keepalive_relay_cut_offs_total", "Connections of bots that the relay has ended, by reason."],
} as const;

/** Registers the metrics of the relay for Prometheus. The values of the label `bot` are the configured bots, and `anonymous`. */
export function registerRelayMetrics(registry: Registry, relay: RelayReader): void {
	const registers = [registry];
	const labelNames = ["session", "bot"] as const;
	new Gauge({
		name: "keepalive_relay_connections",
		help: "WebSockets of bots that are open.",
		labelNames,
		registers,
		collect() {
			for (const { session, bot, count } of relay.clients) this.set({ session, bot }, count);
		},
	});
	for (const [what, [name, help]] of Object.entries(counters)) {
		new Counter({
			name,
			help,
			labelNames: [...labelNames, "reason"],
			registers,
			collect() {
				this.reset();
				for (const { labels, count } of relay.counts) {
					const { session, bot, reason } = labels;
					if (labels.what === what) this.inc({ session, bot, ...(reason !== undefined && { reason }) }, count);
				}
			},
		});
	}
}
