import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const pagesOf = (client: string): string => join(import.meta.dirname, "../packages", client, "docs/api");

// These names must not change, because clients in other languages are generated from the specs, and their users call these names.
it.each([
	[
		"deribit-session",
		"SessionManagementApi",
		[
			"privateDisableCancelOnDisconnectGet",
			"privateEnableCancelOnDisconnectGet",
			"privateGetCancelOnDisconnectGet",
			"publicDisableHeartbeatGet",
			"publicSetHeartbeatGet",
		],
	],
	[
		"ibkr-session",
		"TradingSessionApi",
		[
			"iserverAuthSsodhInitPost",
			"iserverAuthStatusPost",
			"iserverReauthenticateGet",
			"logoutPost",
			"ssoValidateGet",
			"ticklePost",
		],
	],
])("the generated reference of %s keeps the class %s and the names of its calls", (client, name, calls) => {
	const page = readFileSync(join(pagesOf(client), "Apis", `${name}.md`), "utf8");
	expect(page.startsWith(`# ${name}\n`)).toBe(true);
	expect([...page.matchAll(/^# \*\*(\w+)\*\*$/gm)].map(([, call]) => call)).toEqual(calls);
});

it("the generated reference of ibkr-session keeps the names of its types", () => {
	const index = readFileSync(join(pagesOf("ibkr-session"), "README.md"), "utf8");
	for (const name of [
		"BrokerageSessionInitRequest",
		"BrokerageSessionStatus",
		"SsoValidateResponse",
		"SuccessfulTickleResponse",
		"FailedTickleResponse",
		"TickleResponse",
		"ErrorOnlyResponse",
		"ErrorResponse",
	]) {
		expect(index).toContain(`[${name}](./Models/${name}.md)`);
	}
});
