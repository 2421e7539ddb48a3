// A CommonJS program that loads the packages with `require`, whose result has no type here.
const { connectDeribit } = require("@x/deribit-session");
const { createBybitHttp } = require("@x/bybit-dcp");
const { createIbkrHttp } = require("@x/ibkr-session");
const { gatewayFetch } = require("@x/ibkr-session/gateway");
const { keepalive } = require("@x/keepalive");
const { deribit } = require("@x/keepalive/deribit");

const all = [connectDeribit, createBybitHttp, createIbkrHttp, gatewayFetch, keepalive, deribit];
console.log(all.every((each) => typeof each === "function") ? "required" : "something is missing");
