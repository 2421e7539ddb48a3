import type { DeribitSettings } from "./options.ts";

const scopeToken = /^([a-z_]+):(read|read_write|none)$/;

interface GrantedScope {
	granted: string[];
	session: string | undefined;
	expiresInSeconds: number;
}

/**
 * Grants the part of the requested scope that the API key's scope includes. Without a requested scope, grants the whole
 * scope of the key.
 */
export function grantScope(requested: string, settings: DeribitSettings): GrantedScope {
	const tokens = requested.split(" ").filter((token) => token !== "");
	const wantedLevels = levels(tokens);
	const keyLevels = levels(settings.keyScope.split(" "));
	const granted = [...keyLevels].flatMap(([area, level]) => {
		const want = wantedLevels.size === 0 ? level : wantedLevels.get(area);
		if (want === undefined || want === "none" || level === "none") return [];
		return [`${area}:${want === "read_write" && level === "read_write" ? "read_write" : "read"}`];
	});
	const session = tokenValue(tokens, "session:");
	const expires = Number(tokenValue(tokens, "expires:"));
	const expiresInSeconds =
		session === undefined ? settings.connectionExpiresInSeconds : settings.sessionExpiresInSeconds;
	// As at the real venue, the granted scope lists its parts in another order than the requested scope.
	const scope = [...granted.reverse(), session === undefined ? "connection" : `session:${session}`, "mainaccount"];
	return { granted: scope, session, expiresInSeconds: expires > 0 ? expires : expiresInSeconds };
}

/** Whether a scope includes the needed scope. `read_write` includes `read`. */
export function allows(scope: readonly string[], needed: string): boolean {
	return scope.includes(needed) || (needed.endsWith(":read") && scope.includes(`${needed}_write`));
}

function levels(tokens: readonly string[]): Map<string, string> {
	const found = tokens.map((token) => scopeToken.exec(token)).filter((match) => match !== null);
	return new Map(found.map(([, area = "", level = ""]) => [area, level]));
}

function tokenValue(tokens: readonly string[], prefix: string): string | undefined {
	return tokens.find((token) => token.startsWith(prefix))?.slice(prefix.length);
}
