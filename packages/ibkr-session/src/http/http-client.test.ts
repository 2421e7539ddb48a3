import { expectTypeOf, it } from "vitest";
import type { Http, ReplyOf } from "./http-client.ts";

type Api = Parameters<Parameters<Http["ask"]>[0]>[0];

it("Http takes the types of each call, of its body and of its reply from the OpenAPI spec", () => {
	expectTypeOf<ReplyOf<"POST /logout">["status"]>().toEqualTypeOf<boolean | null | undefined>();
	// This function is never run: only the compiler checks the calls in it.
	void ((api: Api) => [
		api.POST("/tickle"),
		api.GET("/sso/validate"),
		// @ts-expect-error the method is POST
		api.GET("/tickle"),
		// @ts-expect-error no such path
		api.POST("/tickel"),
		// @ts-expect-error it has no body
		api.POST("/tickle", { body: {} }),
		api.POST("/iserver/auth/ssodh/init", { body: { publish: true, compete: false } }),
		// @ts-expect-error compete is a boolean
		api.POST("/iserver/auth/ssodh/init", { body: { compete: "no" } }),
		api.POST("/gw/api/v1/sso-sessions", { body: "a JWT" }),
		// @ts-expect-error the body is text
		api.POST("/gw/api/v1/sso-sessions", { body: { jwt: "" } }),
	]);
});
