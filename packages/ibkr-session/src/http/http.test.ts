import { expectTypeOf, it } from "vitest";
import type { BodyOf, Call, Http, ReplyOf } from "./http.ts";

it("Http has the types of each call, its body and its reply from the spec", () => {
	expectTypeOf<"POST /tickle">().toExtend<Call>();
	expectTypeOf<"GET /sso/validate">().toExtend<Call>();
	expectTypeOf<"GET /tickle">().not.toExtend<Call>();
	expectTypeOf<"POST /tickel">().not.toExtend<Call>();
	expectTypeOf<Parameters<Http["ask"]>[0]>().toEqualTypeOf<Call>();
	expectTypeOf<BodyOf<"POST /iserver/auth/ssodh/init", "application/json">>().toEqualTypeOf<{
		publish?: boolean;
		compete?: boolean;
	}>();
	expectTypeOf<BodyOf<"POST /gw/api/v1/sso-sessions", "application/jwt">>().toEqualTypeOf<string>();
	expectTypeOf<BodyOf<"POST /gw/api/v1/sso-sessions", "application/json">>().toBeNever();
	expectTypeOf<BodyOf<"POST /tickle", "application/json">>().toBeNever();
	expectTypeOf<ReplyOf<"POST /logout">["status"]>().toEqualTypeOf<boolean | null | undefined>();
});
