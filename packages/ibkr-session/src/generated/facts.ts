// Generated from specs/ibkr-session.yaml by "npm run generate". Change the spec, not this file.

/** What the spec says of each operation beyond its shape: where it works, its pace, its source. */
export const facts = {
	"POST /iserver/auth/ssodh/init": {
		"operationId": "iserverAuthSsodhInitPost",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 10,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/"
	},
	"POST /iserver/auth/status": {
		"operationId": "iserverAuthStatusPost",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 10,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/"
	},
	"GET /iserver/reauthenticate": {
		"operationId": "iserverReauthenticateGet",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 10,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/"
	},
	"POST /logout": {
		"operationId": "logoutPost",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 10,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/"
	},
	"GET /sso/validate": {
		"operationId": "ssoValidateGet",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 1,
			"perSeconds": 60,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/"
	},
	"POST /tickle": {
		"operationId": "ticklePost",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 1,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/"
	},
	"GET /iserver/accounts": {
		"operationId": "iserverAccountsGet",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 10,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/"
	},
	"POST /oauth/request_token": {
		"operationId": "oauthRequestTokenPost",
		"transports": [
			"http"
		],
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/oauth-1-0a-extended/"
	},
	"POST /oauth/access_token": {
		"operationId": "oauthAccessTokenPost",
		"transports": [
			"http"
		],
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/oauth-1-0a-extended/"
	},
	"POST /oauth/live_session_token": {
		"operationId": "oauthLiveSessionTokenPost",
		"transports": [
			"http"
		],
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/oauth-1-0a-extended/"
	},
	"POST /oauth2/api/v1/token": {
		"operationId": "oauth2ApiV1TokenPost",
		"transports": [
			"http"
		],
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/webapi-ref/"
	},
	"POST /gw/api/v1/sso-sessions": {
		"operationId": "gwApiV1SsoSessionsPost",
		"transports": [
			"http"
		],
		"basis": "documented",
		"source": "https://www.interactivebrokers.com/campus/ibkr-api-page/webapi-ref/"
	}
} as const;

/** The paces of those operations that have one: so many calls in so many seconds. */
export const paces = {
	"POST /iserver/auth/ssodh/init": {
		"calls": 10,
		"perSeconds": 1,
		"per": "account"
	},
	"POST /iserver/auth/status": {
		"calls": 10,
		"perSeconds": 1,
		"per": "account"
	},
	"GET /iserver/reauthenticate": {
		"calls": 10,
		"perSeconds": 1,
		"per": "account"
	},
	"POST /logout": {
		"calls": 10,
		"perSeconds": 1,
		"per": "account"
	},
	"GET /sso/validate": {
		"calls": 1,
		"perSeconds": 60,
		"per": "account"
	},
	"POST /tickle": {
		"calls": 1,
		"perSeconds": 1,
		"per": "account"
	},
	"GET /iserver/accounts": {
		"calls": 10,
		"perSeconds": 1,
		"per": "account"
	}
} as const;
