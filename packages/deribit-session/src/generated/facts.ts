// Generated from specs/deribit-session.yaml by "npm run generate". Change the spec, not this file.

/** What the spec says of each operation beyond its shape: where it works, its pace, its source. */
export const facts = {
	"GET /public/set_heartbeat": {
		"operationId": "publicSetHeartbeatGet",
		"transports": [
			"websocket"
		],
		"credits": 500,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/session-management/public-set_heartbeat"
	},
	"GET /public/disable_heartbeat": {
		"operationId": "publicDisableHeartbeatGet",
		"transports": [
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/session-management/public-disable_heartbeat"
	},
	"GET /private/enable_cancel_on_disconnect": {
		"operationId": "privateEnableCancelOnDisconnectGet",
		"transports": [
			"websocket"
		],
		"pace": {
			"calls": 20,
			"perSeconds": 1,
			"per": "account"
		},
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/session-management/private-enable_cancel_on_disconnect"
	},
	"GET /private/disable_cancel_on_disconnect": {
		"operationId": "privateDisableCancelOnDisconnectGet",
		"transports": [
			"websocket"
		],
		"pace": {
			"calls": 20,
			"perSeconds": 1,
			"per": "account"
		},
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/session-management/private-disable_cancel_on_disconnect"
	},
	"GET /private/get_cancel_on_disconnect": {
		"operationId": "privateGetCancelOnDisconnectGet",
		"transports": [
			"websocket"
		],
		"pace": {
			"calls": 20,
			"perSeconds": 1,
			"per": "account"
		},
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/session-management/private-get_cancel_on_disconnect"
	},
	"GET /public/auth": {
		"operationId": "publicAuthGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/authentication/public-auth"
	},
	"GET /public/exchange_token": {
		"operationId": "publicExchangeTokenGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/authentication/public-exchange_token"
	},
	"GET /public/fork_token": {
		"operationId": "publicForkTokenGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/authentication/public-fork_token"
	},
	"GET /private/logout": {
		"operationId": "privateLogoutGet",
		"transports": [
			"websocket"
		],
		"reply": "close",
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/authentication/private-logout"
	},
	"GET /public/hello": {
		"operationId": "publicHelloGet",
		"transports": [
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/supporting/public-hello"
	},
	"GET /public/test": {
		"operationId": "publicTestGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/supporting/public-test"
	},
	"GET /public/status": {
		"operationId": "publicStatusGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/supporting/public-status"
	},
	"GET /public/get_time": {
		"operationId": "publicGetTimeGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/supporting/public-get_time"
	}
} as const;
