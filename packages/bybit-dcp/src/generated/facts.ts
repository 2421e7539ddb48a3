// Generated from specs/bybit-dcp.yaml by "npm run generate". Change the spec, not this file.

/** What the spec says of each operation beyond its shape: where it works, its pace, its source. */
export const facts = {
	"POST /v5/order/disconnected-cancel-all": {
		"operationId": "v5OrderDisconnectedCancelAllPost",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 5,
			"perSeconds": 1,
			"per": "account"
		},
		"settleSeconds": 10,
		"basis": "documented",
		"source": "https://bybit-exchange.github.io/docs/v5/order/dcp"
	},
	"GET /v5/account/query-dcp-info": {
		"operationId": "v5AccountQueryDcpInfoGet",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 5,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://bybit-exchange.github.io/docs/v5/account/dcp-info"
	},
	"GET /v5/order/realtime": {
		"operationId": "v5OrderRealtimeGet",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 10,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://bybit-exchange.github.io/docs/v5/order/open-order"
	},
	"GET /v5/order/history": {
		"operationId": "v5OrderHistoryGet",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 10,
			"perSeconds": 1,
			"per": "account"
		},
		"basis": "documented",
		"source": "https://bybit-exchange.github.io/docs/v5/order/order-list"
	},
	"GET /v5/market/time": {
		"operationId": "v5MarketTimeGet",
		"transports": [
			"http"
		],
		"pace": {
			"calls": 600,
			"perSeconds": 5,
			"per": "address"
		},
		"basis": "documented",
		"source": "https://bybit-exchange.github.io/docs/v5/market/time"
	}
} as const;

/** The paces of those operations that have one: so many calls in so many seconds. */
export const paces = {
	"POST /v5/order/disconnected-cancel-all": {
		"calls": 5,
		"perSeconds": 1,
		"per": "account"
	},
	"GET /v5/account/query-dcp-info": {
		"calls": 5,
		"perSeconds": 1,
		"per": "account"
	},
	"GET /v5/order/realtime": {
		"calls": 10,
		"perSeconds": 1,
		"per": "account"
	},
	"GET /v5/order/history": {
		"calls": 10,
		"perSeconds": 1,
		"per": "account"
	},
	"GET /v5/market/time": {
		"calls": 600,
		"perSeconds": 5,
		"per": "address"
	}
} as const;
