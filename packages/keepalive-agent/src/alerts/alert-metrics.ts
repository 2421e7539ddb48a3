import { Counter, type Registry } from "prom-client";
import type { AlertKind, AlertRecord } from "../agent/agent-record.ts";
import type { DeliveryResult } from "./channels/channel-queue.ts";

/** The severities that an alert of each kind can have. */
const severities: Readonly<Record<AlertKind, readonly AlertRecord["severity"][]>> = {
	"not-ready": ["page"],
	"needs-human": ["page"],
	unarmed: ["page"],
	exposure: ["warn"],
	loss: ["page", "warn", "info"],
	"expected-loss": ["info"],
	leader: ["info"],
	drill: ["warn"],
	agent: ["warn"],
};
const deliveryResults: readonly DeliveryResult[] = ["accepted", "failed", "refused", "expired", "dropped"];
const pingResults = ["accepted", "failed", "skipped"] as const;

/** Counts alerts and their deliveries. Every counter starts at 0, so that Prometheus sees its first increase. */
export class AlertMetrics {
	readonly #alerts: Counter<"kind" | "severity">;
	readonly #deliveries: Counter<"channel" | "result">;
	readonly #pings: Counter<"result">;

	constructor(registry: Registry) {
		const registers = [registry];
		this.#alerts = new Counter({
			name: "keepalive_alerts_total",
			help: "Alerts that were raised.",
			labelNames: ["kind", "severity"],
			registers,
		});
		this.#deliveries = new Counter({
			name: "keepalive_alert_deliveries_total",
			help: "Messages by what became of them; failed counts attempts that are repeated.",
			labelNames: ["channel", "result"],
			registers,
		});
		this.#pings = new Counter({
			name: "keepalive_healthcheck_pings_total",
			help: "Pings of the healthcheck address; skipped while a session was not ready.",
			labelNames: ["result"],
			registers,
		});
		for (const [kind, each] of Object.entries(severities)) {
			for (const severity of each) this.#alerts.inc({ kind, severity }, 0);
		}
		for (const result of pingResults) this.#pings.inc({ result }, 0);
	}

	addChannel(channel: string): void {
		for (const result of deliveryResults) this.#deliveries.inc({ channel, result }, 0);
	}

	countAlert({ kind, severity, state }: AlertRecord): void {
		if (state === "raised") this.#alerts.inc({ kind, severity });
	}

	countDelivery(channel: string, result: DeliveryResult): void {
		this.#deliveries.inc({ channel, result });
	}

	countPing(result: (typeof pingResults)[number]): void {
		this.#pings.inc({ result });
	}
}
