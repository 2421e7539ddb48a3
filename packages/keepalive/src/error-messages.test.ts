import { isOptionError } from "@x/base/errors";
import { BybitError } from "@x/bybit-dcp";
import { DeribitError } from "@x/deribit-session";
import { IbkrError } from "@x/ibkr-session";
import { describe, expect, it } from "vitest";
import { TimeoutError, withTimeout } from "./deadline.ts";
import { KeeperError, SessionError } from "./index.ts";
import { checkUnprotectedOptions } from "./options.ts";
import { reworded } from "./session-error.ts";
import { toSessionError as fromBybit, noAnswer, sessionEnded } from "./venues/bybit/error-disposition.ts";
import {
	toSessionError as fromDeribit,
	noSession,
	RepeatedRefusals,
	superseded,
} from "./venues/deribit/error-disposition.ts";
import { toSessionError as fromIbkr, socketLost, withExpectation, yielding } from "./venues/ibkr/error-disposition.ts";

/** Matches one or more sentences that each end with exactly one punctuation mark. */
const sentences = /^(?!.*[.?][.;,)]).*[.?]$/;
const retry = { disposition: { action: "retry" } } as const;
const fatal = { disposition: { action: "fatal" } } as const;

describe("error messages", () => {
	it.each([
		new SessionError("no login", retry),
		new SessionError("no login.", retry),
		reworded(new SessionError("no login", retry), "other words"),
		new KeeperError("stopped", "it has stopped"),
		new KeeperError("fatal", `a ended for good: ${new SessionError("no login", retry).message}`),
		fromBybit(new BybitError("timeout", "no answer", { todo: "Try again" })),
		fromBybit(new TypeError("a secret")),
		noAnswer("ping", 5),
		sessionEnded("the socket closed"),
		fromDeribit("open failed", new DeribitError("no answer", { kind: "timeout", call: "connect" })),
		fromDeribit("open failed", new TypeError("a secret")),
		noSession(),
		superseded(),
		new RepeatedRefusals("account:read").judge(new SessionError("refused", fatal)),
		fromIbkr(new IbkrError("timeout", "no answer", { call: "POST /tickle", todo: "Try again" })),
		fromIbkr(new TypeError("a secret")),
		socketLost("no tic", false),
		withExpectation(socketLost("no tic", false), { expected: true, text: "the nightly reset" }),
		yielding("another session", 5),
	])("every sentence of an error message ends with exactly one punctuation mark: $message", ({ message }) => {
		expect(message).toMatch(sentences);
	});

	it("the error message of a call that missed its deadline is a sentence", async () => {
		const late = withTimeout(0, new AbortController().signal, "the work", () => new Promise(() => undefined));
		const error: unknown = await late.catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(TimeoutError);
		expect(String(error)).toMatch(sentences);
	});

	it("the error message for an option that was refused is a sentence", () => {
		try {
			checkUnprotectedOptions({ afterMs: -1 });
			expect.fail("it was accepted");
		} catch (error) {
			if (!isOptionError(error)) throw error;
			expect(String(error)).toMatch(sentences);
		}
	});
});
