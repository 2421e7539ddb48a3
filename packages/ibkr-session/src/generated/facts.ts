// Generated from specs/ibkr-session.yaml by "npm run generate". Change the spec, not this file.

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
