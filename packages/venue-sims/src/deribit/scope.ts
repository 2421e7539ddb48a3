import type { Settings } from "./options.ts";

const right = /^([a-z_]+):(read|read_write|none)$/;

interface Narrowed {
	granted: string[];
	session: string | undefined;
	expiresInSeconds: number;
}

/** What a key gets of the scope that was asked for: never more than it has, and all of it when no right is named. */
export function narrow(asked: string, settings: Settings): Narrowed {
	const tokens = asked.split(" ").filter((token) => token !== "");
	const wanted = levels(tokens);
	const most = levels(settings.keyScope.split(" "));
	const granted = [...most].flatMap(([area, level]) => {
		const want = wanted.size === 0 ? level : wanted.get(area);
		if (want === undefined || want === "none" || level === "none") return [];
		return [`${area}:${want === "read_write" && level === "read_write" ? "read_write" : "read"}`];
	});
	const session = value(tokens, "session:");
	const expires = Number(value(tokens, "expires:"));
	const expiresInSeconds =
		session === undefined ? settings.connectionExpiresInSeconds : settings.sessionExpiresInSeconds;
	// The order of the reply is not the order of the request.
	const granting = [...granted.reverse(), session === undefined ? "connection" : `session:${session}`, "mainaccount"];
	return { granted: granting, session, expiresInSeconds: expires > 0 ? expires : expiresInSeconds };
}

/** Whether a scope holds a right; reading is part of writing. */
export function allows(scope: readonly string[], needed: string): boolean {
	return scope.includes(needed) || (needed.endsWith(":read") && scope.includes(`${needed}_write`));
}

function levels(tokens: readonly string[]): Map<string, string> {
	const found = tokens.map((token) => right.exec(token)).filter((match) => match !== null);
	return new Map(found.map(([, area = "", level = ""]) => [area, level]));
}

function value(tokens: readonly string[], prefix: string): string | undefined {
	return tokens.find((token) => token.startsWith(prefix))?.slice(prefix.length);
}
