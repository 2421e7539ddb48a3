import type { SchemaProblem } from "../config/check-against-schema.ts";
import type { KeyPath } from "../config/yaml-file.ts";
import type { AlertsConfig } from "./alert-options.ts";

/** Finds what the JSON Schema cannot check in the section `alerts`: unknown sessions, and invalid URLs. The problems show no URL. */
export function checkAlerts(alerts: AlertsConfig, sessions: readonly string[]): readonly SchemaProblem[] {
	const problems: SchemaProblem[] = [];
	const addressAt = (value: string | undefined, ...path: KeyPath): void => {
		if (value === undefined || isHttpUrl(value)) return;
		problems.push({ path: ["alerts", ...path], message: "must be an http:// or https:// URL" });
	};
	const sessionAt = (name: string, path: KeyPath): void => {
		if (sessions.includes(name)) return;
		// The name is not shown: it may be a secret that was put in the wrong place.
		const shown = ["alerts", ...path.slice(0, -1), "(name not shown)"].join(".");
		const message = `is not the name of a session (there are ${sessions.join(", ")})`;
		problems.push({ path: ["alerts", ...path], shown, message });
	};
	const { pageUrl, channels = {}, healthcheck, sessions: own = {} } = alerts;
	addressAt(pageUrl, "pageUrl");
	for (const name of Object.keys(own)) sessionAt(name, ["sessions", name]);
	for (const [name, channel] of Object.entries(channels)) {
		if ("webhookUrl" in channel) addressAt(channel.webhookUrl, "channels", name, "webhookUrl");
		if ("apiUrl" in channel) addressAt(channel.apiUrl, "channels", name, "apiUrl");
	}
	if (!healthcheck) return problems;
	addressAt(healthcheck.pingUrl, "healthcheck", "pingUrl");
	for (const [index, name] of (healthcheck.sessions ?? []).entries()) {
		sessionAt(name, ["healthcheck", "sessions", index]);
	}
	return problems;
}

function isHttpUrl(text: string): boolean {
	const url = URL.parse(text);
	return url !== null && (url.protocol === "https:" || url.protocol === "http:");
}
