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
			"http",
			"websocket"
		],
		"httpParameters": {
			"scope": [
				"account"
			]
		},
		"pace": {
			"calls": 20,
			"perSeconds": 1,
			"per": "account"
		},
		"credits": 500,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/session-management/private-enable_cancel_on_disconnect"
	},
	"GET /private/disable_cancel_on_disconnect": {
		"operationId": "privateDisableCancelOnDisconnectGet",
		"transports": [
			"http",
			"websocket"
		],
		"httpParameters": {
			"scope": [
				"account"
			]
		},
		"pace": {
			"calls": 20,
			"perSeconds": 1,
			"per": "account"
		},
		"credits": 500,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/session-management/private-disable_cancel_on_disconnect"
	},
	"GET /private/get_cancel_on_disconnect": {
		"operationId": "privateGetCancelOnDisconnectGet",
		"transports": [
			"http",
			"websocket"
		],
		"httpParameters": {
			"scope": [
				"account"
			]
		},
		"pace": {
			"calls": 20,
			"perSeconds": 1,
			"per": "account"
		},
		"credits": 500,
		"basis": "measured",
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
	"GET /public/subscribe": {
		"operationId": "publicSubscribeGet",
		"transports": [
			"websocket"
		],
		"credits": 3000,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/subscription-management/public-subscribe"
	},
	"GET /private/subscribe": {
		"operationId": "privateSubscribeGet",
		"transports": [
			"websocket"
		],
		"credits": 3000,
		"basis": "measured",
		"source": "https://docs.deribit.com/api-reference/subscription-management/private-subscribe"
	},
	"GET /public/unsubscribe": {
		"operationId": "publicUnsubscribeGet",
		"transports": [
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/subscription-management/public-unsubscribe"
	},
	"GET /private/unsubscribe": {
		"operationId": "privateUnsubscribeGet",
		"transports": [
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/subscription-management/private-unsubscribe"
	},
	"GET /private/get_account_summary": {
		"operationId": "privateGetAccountSummaryGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/account-management/private-get_account_summary"
	},
	"GET /private/get_open_orders": {
		"operationId": "privateGetOpenOrdersGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/trading/private-get_open_orders"
	},
	"GET /private/get_order_state": {
		"operationId": "privateGetOrderStateGet",
		"transports": [
			"http",
			"websocket"
		],
		"credits": 500,
		"basis": "documented",
		"source": "https://docs.deribit.com/api-reference/trading/private-get_order_state"
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

/** The pools of credits that the venue counts calls in, and the methods that each is for. */
export const pools = {
	"default": {
		"methods": [],
		"call": 500,
		"pool": 50000,
		"perSecond": 10000
	},
	"subscribe": {
		"methods": [
			"public/subscribe",
			"private/subscribe"
		],
		"call": 3000,
		"pool": 30000,
		"perSecond": 10000
	},
	"get_instruments": {
		"methods": [
			"public/get_instruments"
		],
		"call": 10000,
		"pool": 500000,
		"perSecond": 10000
	},
	"get_transaction_log": {
		"methods": [
			"private/get_transaction_log"
		],
		"call": 10000,
		"pool": 80000,
		"perSecond": 10000
	},
	"move_positions": {
		"methods": [
			"private/move_positions"
		],
		"call": 100000,
		"pool": 600000,
		"perSecond": 10000
	}
} as const;
