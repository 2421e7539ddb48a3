// Generated from specs/ibkr-session.yaml by "npm run generate". Change the spec, not this file.

// @ts-nocheck: the code of ajv, made for JavaScript. What is exported is typed below.
/** Where and how a value differs from the spec: `path` is a JSON pointer into the value, `message` never quotes it. */
export interface Mismatch {
	instancePath: string;
	message?: string;
}

/** True when the value is as the spec says; otherwise `errors` tells the first difference. */
export interface Check {
	(value: unknown): boolean;
	errors?: Mismatch[] | null;
}


const check0 = validate1;

function validate1(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.authenticated !== undefined){
let data0 = data.authenticated;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate1.errors = [{instancePath:instancePath+"/authenticated",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.established !== undefined){
let data1 = data.established;
const _errs3 = errors;
if((typeof data1 !== "boolean") && (data1 !== null)){
validate1.errors = [{instancePath:instancePath+"/established",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.competing !== undefined){
let data2 = data.competing;
const _errs5 = errors;
if((typeof data2 !== "boolean") && (data2 !== null)){
validate1.errors = [{instancePath:instancePath+"/competing",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.connected !== undefined){
let data3 = data.connected;
const _errs7 = errors;
if((typeof data3 !== "boolean") && (data3 !== null)){
validate1.errors = [{instancePath:instancePath+"/connected",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.message !== undefined){
let data4 = data.message;
const _errs9 = errors;
if((typeof data4 !== "string") && (data4 !== null)){
validate1.errors = [{instancePath:instancePath+"/message",message:"must be string,null"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.MAC !== undefined){
let data5 = data.MAC;
const _errs11 = errors;
if((typeof data5 !== "string") && (data5 !== null)){
validate1.errors = [{instancePath:instancePath+"/MAC",message:"must be string,null"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.serverInfo !== undefined){
let data6 = data.serverInfo;
const _errs13 = errors;
if((!(data6 && typeof data6 == "object" && !Array.isArray(data6))) && (data6 !== null)){
validate1.errors = [{instancePath:instancePath+"/serverInfo",message:"must be object,null"}];
return false;
}
if(errors === _errs13){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.serverName !== undefined){
let data7 = data6.serverName;
const _errs15 = errors;
if((typeof data7 !== "string") && (data7 !== null)){
validate1.errors = [{instancePath:instancePath+"/serverInfo/serverName",message:"must be string,null"}];
return false;
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data6.serverVersion !== undefined){
let data8 = data6.serverVersion;
const _errs17 = errors;
if((typeof data8 !== "string") && (data8 !== null)){
validate1.errors = [{instancePath:instancePath+"/serverInfo/serverVersion",message:"must be string,null"}];
return false;
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
}
}
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.hardware_info !== undefined){
let data9 = data.hardware_info;
const _errs19 = errors;
if((typeof data9 !== "string") && (data9 !== null)){
validate1.errors = [{instancePath:instancePath+"/hardware_info",message:"must be string,null"}];
return false;
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.fail !== undefined){
let data10 = data.fail;
const _errs21 = errors;
if((typeof data10 !== "string") && (data10 !== null)){
validate1.errors = [{instancePath:instancePath+"/fail",message:"must be string,null"}];
return false;
}
var valid0 = _errs21 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.passed !== undefined){
let data11 = data.passed;
const _errs23 = errors;
if((typeof data11 !== "boolean") && (data11 !== null)){
validate1.errors = [{instancePath:instancePath+"/passed",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs23 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate1.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate1.errors = vErrors;
return errors === 0;
}

const check1 = validate2;

function validate2(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.authenticated !== undefined){
let data0 = data.authenticated;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate2.errors = [{instancePath:instancePath+"/authenticated",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.established !== undefined){
let data1 = data.established;
const _errs3 = errors;
if((typeof data1 !== "boolean") && (data1 !== null)){
validate2.errors = [{instancePath:instancePath+"/established",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.competing !== undefined){
let data2 = data.competing;
const _errs5 = errors;
if((typeof data2 !== "boolean") && (data2 !== null)){
validate2.errors = [{instancePath:instancePath+"/competing",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.connected !== undefined){
let data3 = data.connected;
const _errs7 = errors;
if((typeof data3 !== "boolean") && (data3 !== null)){
validate2.errors = [{instancePath:instancePath+"/connected",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.message !== undefined){
let data4 = data.message;
const _errs9 = errors;
if((typeof data4 !== "string") && (data4 !== null)){
validate2.errors = [{instancePath:instancePath+"/message",message:"must be string,null"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.MAC !== undefined){
let data5 = data.MAC;
const _errs11 = errors;
if((typeof data5 !== "string") && (data5 !== null)){
validate2.errors = [{instancePath:instancePath+"/MAC",message:"must be string,null"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.serverInfo !== undefined){
let data6 = data.serverInfo;
const _errs13 = errors;
if((!(data6 && typeof data6 == "object" && !Array.isArray(data6))) && (data6 !== null)){
validate2.errors = [{instancePath:instancePath+"/serverInfo",message:"must be object,null"}];
return false;
}
if(errors === _errs13){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.serverName !== undefined){
let data7 = data6.serverName;
const _errs15 = errors;
if((typeof data7 !== "string") && (data7 !== null)){
validate2.errors = [{instancePath:instancePath+"/serverInfo/serverName",message:"must be string,null"}];
return false;
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data6.serverVersion !== undefined){
let data8 = data6.serverVersion;
const _errs17 = errors;
if((typeof data8 !== "string") && (data8 !== null)){
validate2.errors = [{instancePath:instancePath+"/serverInfo/serverVersion",message:"must be string,null"}];
return false;
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
}
}
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.hardware_info !== undefined){
let data9 = data.hardware_info;
const _errs19 = errors;
if((typeof data9 !== "string") && (data9 !== null)){
validate2.errors = [{instancePath:instancePath+"/hardware_info",message:"must be string,null"}];
return false;
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.fail !== undefined){
let data10 = data.fail;
const _errs21 = errors;
if((typeof data10 !== "string") && (data10 !== null)){
validate2.errors = [{instancePath:instancePath+"/fail",message:"must be string,null"}];
return false;
}
var valid0 = _errs21 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.passed !== undefined){
let data11 = data.passed;
const _errs23 = errors;
if((typeof data11 !== "boolean") && (data11 !== null)){
validate2.errors = [{instancePath:instancePath+"/passed",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs23 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate2.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate2.errors = vErrors;
return errors === 0;
}

const check2 = validate3;

function validate3(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.message !== undefined){
let data0 = data.message;
if((typeof data0 !== "string") && (data0 !== null)){
validate3.errors = [{instancePath:instancePath+"/message",message:"must be string,null"}];
return false;
}
}
}
else {
validate3.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate3.errors = vErrors;
return errors === 0;
}

const check3 = validate4;

function validate4(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.status !== undefined){
let data0 = data.status;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate4.errors = [{instancePath:instancePath+"/status",message:"must be boolean,null"}];
return false;
}
}
}
else {
validate4.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate4.errors = vErrors;
return errors === 0;
}

const check4 = validate5;

function validate5(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.USER_ID !== undefined){
let data0 = data.USER_ID;
const _errs1 = errors;
if((!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))) && (data0 !== null)){
validate5.errors = [{instancePath:instancePath+"/USER_ID",message:"must be integer,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.USER_NAME !== undefined){
let data1 = data.USER_NAME;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate5.errors = [{instancePath:instancePath+"/USER_NAME",message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.RESULT !== undefined){
let data2 = data.RESULT;
const _errs5 = errors;
if((typeof data2 !== "boolean") && (data2 !== null)){
validate5.errors = [{instancePath:instancePath+"/RESULT",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.AUTH_TIME !== undefined){
let data3 = data.AUTH_TIME;
const _errs7 = errors;
if((!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))) && (data3 !== null)){
validate5.errors = [{instancePath:instancePath+"/AUTH_TIME",message:"must be integer,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.SF_ENABLED !== undefined){
let data4 = data.SF_ENABLED;
const _errs9 = errors;
if((typeof data4 !== "boolean") && (data4 !== null)){
validate5.errors = [{instancePath:instancePath+"/SF_ENABLED",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IS_FREE_TRIAL !== undefined){
let data5 = data.IS_FREE_TRIAL;
const _errs11 = errors;
if((typeof data5 !== "boolean") && (data5 !== null)){
validate5.errors = [{instancePath:instancePath+"/IS_FREE_TRIAL",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.CREDENTIAL !== undefined){
let data6 = data.CREDENTIAL;
const _errs13 = errors;
if((typeof data6 !== "string") && (data6 !== null)){
validate5.errors = [{instancePath:instancePath+"/CREDENTIAL",message:"must be string,null"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IP !== undefined){
let data7 = data.IP;
const _errs15 = errors;
if((typeof data7 !== "string") && (data7 !== null)){
validate5.errors = [{instancePath:instancePath+"/IP",message:"must be string,null"}];
return false;
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EXPIRES !== undefined){
let data8 = data.EXPIRES;
const _errs17 = errors;
if((!((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8)))) && (data8 !== null)){
validate5.errors = [{instancePath:instancePath+"/EXPIRES",message:"must be integer,null"}];
return false;
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.QUALIFIED_FOR_MOBILE_AUTH !== undefined){
let data9 = data.QUALIFIED_FOR_MOBILE_AUTH;
const _errs19 = errors;
if((typeof data9 !== "boolean") && (data9 !== null)){
validate5.errors = [{instancePath:instancePath+"/QUALIFIED_FOR_MOBILE_AUTH",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.LANDING_APP !== undefined){
let data10 = data.LANDING_APP;
const _errs21 = errors;
if((typeof data10 !== "string") && (data10 !== null)){
validate5.errors = [{instancePath:instancePath+"/LANDING_APP",message:"must be string,null"}];
return false;
}
var valid0 = _errs21 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IS_MASTER !== undefined){
let data11 = data.IS_MASTER;
const _errs23 = errors;
if((typeof data11 !== "boolean") && (data11 !== null)){
validate5.errors = [{instancePath:instancePath+"/IS_MASTER",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs23 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.lastAccessed !== undefined){
let data12 = data.lastAccessed;
const _errs25 = errors;
if((!((typeof data12 == "number") && (!(data12 % 1) && !isNaN(data12)))) && (data12 !== null)){
validate5.errors = [{instancePath:instancePath+"/lastAccessed",message:"must be integer,null"}];
return false;
}
var valid0 = _errs25 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.loginType !== undefined){
let data13 = data.loginType;
const _errs27 = errors;
if((!((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13)))) && (data13 !== null)){
validate5.errors = [{instancePath:instancePath+"/loginType",message:"must be integer,null"}];
return false;
}
var valid0 = _errs27 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.LOGIN_TYPE !== undefined){
let data14 = data.LOGIN_TYPE;
const _errs29 = errors;
if((!((typeof data14 == "number") && (!(data14 % 1) && !isNaN(data14)))) && (data14 !== null)){
validate5.errors = [{instancePath:instancePath+"/LOGIN_TYPE",message:"must be integer,null"}];
return false;
}
var valid0 = _errs29 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.PAPER_USER_NAME !== undefined){
let data15 = data.PAPER_USER_NAME;
const _errs31 = errors;
if((typeof data15 !== "string") && (data15 !== null)){
validate5.errors = [{instancePath:instancePath+"/PAPER_USER_NAME",message:"must be string,null"}];
return false;
}
var valid0 = _errs31 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.features !== undefined){
let data16 = data.features;
const _errs33 = errors;
if((!(data16 && typeof data16 == "object" && !Array.isArray(data16))) && (data16 !== null)){
validate5.errors = [{instancePath:instancePath+"/features",message:"must be object,null"}];
return false;
}
if(errors === _errs33){
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.envs !== undefined){
let data17 = data16.envs;
const _errs35 = errors;
if((typeof data17 !== "string") && (data17 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/envs",message:"must be string,null"}];
return false;
}
var valid1 = _errs35 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data16.env !== undefined){
let data18 = data16.env;
const _errs37 = errors;
if((typeof data18 !== "string") && (data18 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/env",message:"must be string,null"}];
return false;
}
var valid1 = _errs37 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data16.wlms !== undefined){
let data19 = data16.wlms;
const _errs39 = errors;
if((typeof data19 !== "boolean") && (data19 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/wlms",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs39 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data16.realtime !== undefined){
let data20 = data16.realtime;
const _errs41 = errors;
if((typeof data20 !== "boolean") && (data20 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/realtime",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs41 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data16.bond !== undefined){
let data21 = data16.bond;
const _errs43 = errors;
if((typeof data21 !== "boolean") && (data21 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/bond",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs43 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data16.optionChains !== undefined){
let data22 = data16.optionChains;
const _errs45 = errors;
if((typeof data22 !== "boolean") && (data22 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/optionChains",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs45 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data16.calendar !== undefined){
let data23 = data16.calendar;
const _errs47 = errors;
if((typeof data23 !== "boolean") && (data23 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/calendar",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs47 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data16.newMf !== undefined){
let data24 = data16.newMf;
const _errs49 = errors;
if((typeof data24 !== "boolean") && (data24 !== null)){
validate5.errors = [{instancePath:instancePath+"/features/newMf",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs49 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
}
}
}
var valid0 = _errs33 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.region !== undefined){
let data25 = data.region;
const _errs51 = errors;
if((typeof data25 !== "string") && (data25 !== null)){
validate5.errors = [{instancePath:instancePath+"/region",message:"must be string,null"}];
return false;
}
var valid0 = _errs51 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate5.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate5.errors = vErrors;
return errors === 0;
}

const check5 = validate6;

function validate8(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.authenticated !== undefined){
let data0 = data.authenticated;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate8.errors = [{instancePath:instancePath+"/authenticated",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.established !== undefined){
let data1 = data.established;
const _errs3 = errors;
if((typeof data1 !== "boolean") && (data1 !== null)){
validate8.errors = [{instancePath:instancePath+"/established",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.competing !== undefined){
let data2 = data.competing;
const _errs5 = errors;
if((typeof data2 !== "boolean") && (data2 !== null)){
validate8.errors = [{instancePath:instancePath+"/competing",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.connected !== undefined){
let data3 = data.connected;
const _errs7 = errors;
if((typeof data3 !== "boolean") && (data3 !== null)){
validate8.errors = [{instancePath:instancePath+"/connected",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.message !== undefined){
let data4 = data.message;
const _errs9 = errors;
if((typeof data4 !== "string") && (data4 !== null)){
validate8.errors = [{instancePath:instancePath+"/message",message:"must be string,null"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.MAC !== undefined){
let data5 = data.MAC;
const _errs11 = errors;
if((typeof data5 !== "string") && (data5 !== null)){
validate8.errors = [{instancePath:instancePath+"/MAC",message:"must be string,null"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.serverInfo !== undefined){
let data6 = data.serverInfo;
const _errs13 = errors;
if((!(data6 && typeof data6 == "object" && !Array.isArray(data6))) && (data6 !== null)){
validate8.errors = [{instancePath:instancePath+"/serverInfo",message:"must be object,null"}];
return false;
}
if(errors === _errs13){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.serverName !== undefined){
let data7 = data6.serverName;
const _errs15 = errors;
if((typeof data7 !== "string") && (data7 !== null)){
validate8.errors = [{instancePath:instancePath+"/serverInfo/serverName",message:"must be string,null"}];
return false;
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data6.serverVersion !== undefined){
let data8 = data6.serverVersion;
const _errs17 = errors;
if((typeof data8 !== "string") && (data8 !== null)){
validate8.errors = [{instancePath:instancePath+"/serverInfo/serverVersion",message:"must be string,null"}];
return false;
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
}
}
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.hardware_info !== undefined){
let data9 = data.hardware_info;
const _errs19 = errors;
if((typeof data9 !== "string") && (data9 !== null)){
validate8.errors = [{instancePath:instancePath+"/hardware_info",message:"must be string,null"}];
return false;
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.fail !== undefined){
let data10 = data.fail;
const _errs21 = errors;
if((typeof data10 !== "string") && (data10 !== null)){
validate8.errors = [{instancePath:instancePath+"/fail",message:"must be string,null"}];
return false;
}
var valid0 = _errs21 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.passed !== undefined){
let data11 = data.passed;
const _errs23 = errors;
if((typeof data11 !== "boolean") && (data11 !== null)){
validate8.errors = [{instancePath:instancePath+"/passed",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs23 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate8.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate8.errors = vErrors;
return errors === 0;
}


function validate7(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.session !== undefined){
let data0 = data.session;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate7.errors = [{instancePath:instancePath+"/session",message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ssoExpires !== undefined){
let data1 = data.ssoExpires;
const _errs3 = errors;
if((!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))) && (data1 !== null)){
validate7.errors = [{instancePath:instancePath+"/ssoExpires",message:"must be integer,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.collission !== undefined){
let data2 = data.collission;
const _errs5 = errors;
if((typeof data2 !== "boolean") && (data2 !== null)){
validate7.errors = [{instancePath:instancePath+"/collission",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.userId !== undefined){
let data3 = data.userId;
const _errs7 = errors;
if((!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))) && (data3 !== null)){
validate7.errors = [{instancePath:instancePath+"/userId",message:"must be integer,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.hmds !== undefined){
let data4 = data.hmds;
const _errs9 = errors;
if((!(data4 && typeof data4 == "object" && !Array.isArray(data4))) && (data4 !== null)){
validate7.errors = [{instancePath:instancePath+"/hmds",message:"must be object,null"}];
return false;
}
if(errors === _errs9){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.error !== undefined){
let data5 = data4.error;
const _errs11 = errors;
if((typeof data5 !== "string") && (data5 !== null)){
validate7.errors = [{instancePath:instancePath+"/hmds/error",message:"must be string,null"}];
return false;
}
var valid1 = _errs11 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.authStatus !== undefined){
let data6 = data4.authStatus;
const _errs13 = errors;
if((!(data6 && typeof data6 == "object" && !Array.isArray(data6))) && (data6 !== null)){
validate7.errors = [{instancePath:instancePath+"/hmds/authStatus",message:"must be object,null"}];
return false;
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
}
}
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.iserver !== undefined){
let data7 = data.iserver;
const _errs15 = errors;
if((!(data7 && typeof data7 == "object" && !Array.isArray(data7))) && (data7 !== null)){
validate7.errors = [{instancePath:instancePath+"/iserver",message:"must be object,null"}];
return false;
}
if(errors === _errs15){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
if(data7.authStatus !== undefined){
const _errs17 = errors;
if(!(validate8(data7.authStatus, {instancePath:instancePath+"/iserver/authStatus",parentData:data7,parentDataProperty:"authStatus",rootData}))){
vErrors = vErrors === null ? validate8.errors : vErrors.concat(validate8.errors);
errors = vErrors.length;
}
var valid2 = _errs17 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data7.tickle !== undefined){
let data9 = data7.tickle;
const _errs18 = errors;
if((typeof data9 !== "boolean") && (data9 !== null)){
validate7.errors = [{instancePath:instancePath+"/iserver/tickle",message:"must be boolean,null"}];
return false;
}
var valid2 = _errs18 === errors;
}
else {
var valid2 = true;
}
}
}
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
else {
validate7.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate7.errors = vErrors;
return errors === 0;
}


function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.error === undefined) && (missing0 = "error")){
validate11.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.error !== undefined){
if(typeof data.error !== "string"){
validate11.errors = [{instancePath:instancePath+"/error",message:"must be string"}];
return false;
}
}
}
}
else {
validate11.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate11.errors = vErrors;
return errors === 0;
}


function validate6(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(!(validate7(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate7.errors : vErrors.concat(validate7.errors);
errors = vErrors.length;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs2 = errors;
if(!(validate11(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate11.errors : vErrors.concat(validate11.errors);
errors = vErrors.length;
}
var _valid0 = _errs2 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err0 = {instancePath,message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
validate6.errors = vErrors;
return false;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate6.errors = vErrors;
return errors === 0;
}

const check6 = validate13;

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.accounts !== undefined){
let data0 = data.accounts;
const _errs1 = errors;
if((!(Array.isArray(data0))) && (data0 !== null)){
validate13.errors = [{instancePath:instancePath+"/accounts",message:"must be array,null"}];
return false;
}
if(errors === _errs1){
if(Array.isArray(data0)){
var valid1 = true;
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
const _errs3 = errors;
if(typeof data0[i0] !== "string"){
validate13.errors = [{instancePath:instancePath+"/accounts/" + i0,message:"must be string"}];
return false;
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.selectedAccount !== undefined){
let data2 = data.selectedAccount;
const _errs5 = errors;
if((typeof data2 !== "string") && (data2 !== null)){
validate13.errors = [{instancePath:instancePath+"/selectedAccount",message:"must be string,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
else {
validate13.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate13.errors = vErrors;
return errors === 0;
}

const check7 = validate14;

function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.oauth_token === undefined) && (missing0 = "oauth_token")){
validate14.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.oauth_token !== undefined){
if(typeof data.oauth_token !== "string"){
validate14.errors = [{instancePath:instancePath+"/oauth_token",message:"must be string"}];
return false;
}
}
}
}
else {
validate14.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate14.errors = vErrors;
return errors === 0;
}

const check8 = validate15;

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.oauth_token === undefined) && (missing0 = "oauth_token")) || ((data.oauth_token_secret === undefined) && (missing0 = "oauth_token_secret"))){
validate15.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.is_paper !== undefined){
let data0 = data.is_paper;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate15.errors = [{instancePath:instancePath+"/is_paper",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.oauth_token !== undefined){
const _errs3 = errors;
if(typeof data.oauth_token !== "string"){
validate15.errors = [{instancePath:instancePath+"/oauth_token",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.oauth_token_secret !== undefined){
const _errs5 = errors;
if(typeof data.oauth_token_secret !== "string"){
validate15.errors = [{instancePath:instancePath+"/oauth_token_secret",message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate15.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate15.errors = vErrors;
return errors === 0;
}

const check9 = validate16;

function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.diffie_hellman_response === undefined) && (missing0 = "diffie_hellman_response")) || ((data.live_session_token_signature === undefined) && (missing0 = "live_session_token_signature"))) || ((data.live_session_token_expiration === undefined) && (missing0 = "live_session_token_expiration"))){
validate16.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.diffie_hellman_response !== undefined){
const _errs1 = errors;
if(typeof data.diffie_hellman_response !== "string"){
validate16.errors = [{instancePath:instancePath+"/diffie_hellman_response",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.live_session_token_signature !== undefined){
const _errs3 = errors;
if(typeof data.live_session_token_signature !== "string"){
validate16.errors = [{instancePath:instancePath+"/live_session_token_signature",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.live_session_token_expiration !== undefined){
let data2 = data.live_session_token_expiration;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate16.errors = [{instancePath:instancePath+"/live_session_token_expiration",message:"must be integer"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate16.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate16.errors = vErrors;
return errors === 0;
}

const check10 = validate17;

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.access_token === undefined) && (missing0 = "access_token")){
validate17.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.access_token !== undefined){
const _errs1 = errors;
if(typeof data.access_token !== "string"){
validate17.errors = [{instancePath:instancePath+"/access_token",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.token_type !== undefined){
let data1 = data.token_type;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate17.errors = [{instancePath:instancePath+"/token_type",message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.scope !== undefined){
let data2 = data.scope;
const _errs5 = errors;
if((typeof data2 !== "string") && (data2 !== null)){
validate17.errors = [{instancePath:instancePath+"/scope",message:"must be string,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.expires_in !== undefined){
let data3 = data.expires_in;
const _errs7 = errors;
if((!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))) && (data3 !== null)){
validate17.errors = [{instancePath:instancePath+"/expires_in",message:"must be integer,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate17.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate17.errors = vErrors;
return errors === 0;
}

const check11 = validate18;

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.access_token === undefined) && (missing0 = "access_token")){
validate18.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.active !== undefined){
let data0 = data.active;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate18.errors = [{instancePath:instancePath+"/active",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.access_token !== undefined){
const _errs3 = errors;
if(typeof data.access_token !== "string"){
validate18.errors = [{instancePath:instancePath+"/access_token",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.token_type !== undefined){
let data2 = data.token_type;
const _errs5 = errors;
if((typeof data2 !== "string") && (data2 !== null)){
validate18.errors = [{instancePath:instancePath+"/token_type",message:"must be string,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate18.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate18.errors = vErrors;
return errors === 0;
}

const check12 = validate19;

function validate19(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.topic === undefined) && (missing0 = "topic")){
validate19.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate19.errors = [{instancePath:instancePath+"/topic",message:"must be string"}];
return false;
}
if(!(data0 === "system")){
validate19.errors = [{instancePath:instancePath+"/topic",message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.success !== undefined){
let data1 = data.success;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate19.errors = [{instancePath:instancePath+"/success",message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.isFT !== undefined){
let data2 = data.isFT;
const _errs5 = errors;
if((typeof data2 !== "boolean") && (data2 !== null)){
validate19.errors = [{instancePath:instancePath+"/isFT",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.isPaper !== undefined){
let data3 = data.isPaper;
const _errs7 = errors;
if((typeof data3 !== "boolean") && (data3 !== null)){
validate19.errors = [{instancePath:instancePath+"/isPaper",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.hb !== undefined){
let data4 = data.hb;
const _errs9 = errors;
if((!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))) && (data4 !== null)){
validate19.errors = [{instancePath:instancePath+"/hb",message:"must be integer,null"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
else {
validate19.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate19.errors = vErrors;
return errors === 0;
}

const check13 = validate20;

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.topic === undefined) && (missing0 = "topic")) || ((data.args === undefined) && (missing0 = "args"))){
validate20.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate20.errors = [{instancePath:instancePath+"/topic",message:"must be string"}];
return false;
}
if(!(data0 === "act")){
validate20.errors = [{instancePath:instancePath+"/topic",message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.args !== undefined){
let data1 = data.args;
const _errs3 = errors;
if(errors === _errs3){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.accounts !== undefined){
let data2 = data1.accounts;
const _errs5 = errors;
if((!(Array.isArray(data2))) && (data2 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/accounts",message:"must be array,null"}];
return false;
}
if(errors === _errs5){
if(Array.isArray(data2)){
var valid2 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
const _errs7 = errors;
if(typeof data2[i0] !== "string"){
validate20.errors = [{instancePath:instancePath+"/args/accounts/" + i0,message:"must be string"}];
return false;
}
var valid2 = _errs7 === errors;
if(!valid2){
break;
}
}
}
}
var valid1 = _errs5 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.acctProps !== undefined){
let data4 = data1.acctProps;
const _errs9 = errors;
if((!(data4 && typeof data4 == "object" && !Array.isArray(data4))) && (data4 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/acctProps",message:"must be object,null"}];
return false;
}
var valid1 = _errs9 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.aliases !== undefined){
let data5 = data1.aliases;
const _errs11 = errors;
if((!(data5 && typeof data5 == "object" && !Array.isArray(data5))) && (data5 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/aliases",message:"must be object,null"}];
return false;
}
var valid1 = _errs11 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.allowFeatures !== undefined){
let data6 = data1.allowFeatures;
const _errs13 = errors;
if((!(data6 && typeof data6 == "object" && !Array.isArray(data6))) && (data6 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/allowFeatures",message:"must be object,null"}];
return false;
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.chartPeriods !== undefined){
let data7 = data1.chartPeriods;
const _errs15 = errors;
if((!(data7 && typeof data7 == "object" && !Array.isArray(data7))) && (data7 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/chartPeriods",message:"must be object,null"}];
return false;
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.groups !== undefined){
let data8 = data1.groups;
const _errs17 = errors;
if((!(Array.isArray(data8))) && (data8 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/groups",message:"must be array,null"}];
return false;
}
if(errors === _errs17){
if(Array.isArray(data8)){
var valid3 = true;
const len1 = data8.length;
for(let i1=0; i1<len1; i1++){
const _errs19 = errors;
if(typeof data8[i1] !== "string"){
validate20.errors = [{instancePath:instancePath+"/args/groups/" + i1,message:"must be string"}];
return false;
}
var valid3 = _errs19 === errors;
if(!valid3){
break;
}
}
}
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.profiles !== undefined){
let data10 = data1.profiles;
const _errs21 = errors;
if((!(Array.isArray(data10))) && (data10 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/profiles",message:"must be array,null"}];
return false;
}
if(errors === _errs21){
if(Array.isArray(data10)){
var valid4 = true;
const len2 = data10.length;
for(let i2=0; i2<len2; i2++){
const _errs23 = errors;
if(typeof data10[i2] !== "string"){
validate20.errors = [{instancePath:instancePath+"/args/profiles/" + i2,message:"must be string"}];
return false;
}
var valid4 = _errs23 === errors;
if(!valid4){
break;
}
}
}
}
var valid1 = _errs21 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.selectedAccount !== undefined){
let data12 = data1.selectedAccount;
const _errs25 = errors;
if((typeof data12 !== "string") && (data12 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/selectedAccount",message:"must be string,null"}];
return false;
}
var valid1 = _errs25 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.serverInfo !== undefined){
let data13 = data1.serverInfo;
const _errs27 = errors;
if((!(data13 && typeof data13 == "object" && !Array.isArray(data13))) && (data13 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/serverInfo",message:"must be object,null"}];
return false;
}
if(errors === _errs27){
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
if(data13.serverName !== undefined){
let data14 = data13.serverName;
const _errs29 = errors;
if((typeof data14 !== "string") && (data14 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/serverInfo/serverName",message:"must be string,null"}];
return false;
}
var valid5 = _errs29 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data13.serverVersion !== undefined){
let data15 = data13.serverVersion;
const _errs31 = errors;
if((typeof data15 !== "string") && (data15 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/serverInfo/serverVersion",message:"must be string,null"}];
return false;
}
var valid5 = _errs31 === errors;
}
else {
var valid5 = true;
}
}
}
}
var valid1 = _errs27 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.sessionId !== undefined){
let data16 = data1.sessionId;
const _errs33 = errors;
if((typeof data16 !== "string") && (data16 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/sessionId",message:"must be string,null"}];
return false;
}
var valid1 = _errs33 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.isFT !== undefined){
let data17 = data1.isFT;
const _errs35 = errors;
if((typeof data17 !== "boolean") && (data17 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/isFT",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs35 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.isPaper !== undefined){
let data18 = data1.isPaper;
const _errs37 = errors;
if((typeof data18 !== "boolean") && (data18 !== null)){
validate20.errors = [{instancePath:instancePath+"/args/isPaper",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs37 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate20.errors = [{instancePath:instancePath+"/args",message:"must be object"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate20.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate20.errors = vErrors;
return errors === 0;
}

const check14 = validate21;

function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.topic === undefined) && (missing0 = "topic")) || ((data.args === undefined) && (missing0 = "args"))){
validate21.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate21.errors = [{instancePath:instancePath+"/topic",message:"must be string"}];
return false;
}
if(!(data0 === "sts")){
validate21.errors = [{instancePath:instancePath+"/topic",message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.args !== undefined){
let data1 = data.args;
const _errs3 = errors;
if(errors === _errs3){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.connected !== undefined){
let data2 = data1.connected;
const _errs5 = errors;
if((typeof data2 !== "boolean") && (data2 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/connected",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs5 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.authenticated !== undefined){
let data3 = data1.authenticated;
const _errs7 = errors;
if((typeof data3 !== "boolean") && (data3 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/authenticated",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs7 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.established !== undefined){
let data4 = data1.established;
const _errs9 = errors;
if((typeof data4 !== "boolean") && (data4 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/established",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs9 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.competing !== undefined){
let data5 = data1.competing;
const _errs11 = errors;
if((typeof data5 !== "boolean") && (data5 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/competing",message:"must be boolean,null"}];
return false;
}
var valid1 = _errs11 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.message !== undefined){
let data6 = data1.message;
const _errs13 = errors;
if((typeof data6 !== "string") && (data6 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/message",message:"must be string,null"}];
return false;
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.fail !== undefined){
let data7 = data1.fail;
const _errs15 = errors;
if((typeof data7 !== "string") && (data7 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/fail",message:"must be string,null"}];
return false;
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.serverName !== undefined){
let data8 = data1.serverName;
const _errs17 = errors;
if((typeof data8 !== "string") && (data8 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/serverName",message:"must be string,null"}];
return false;
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.serverVersion !== undefined){
let data9 = data1.serverVersion;
const _errs19 = errors;
if((typeof data9 !== "string") && (data9 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/serverVersion",message:"must be string,null"}];
return false;
}
var valid1 = _errs19 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1.username !== undefined){
let data10 = data1.username;
const _errs21 = errors;
if((typeof data10 !== "string") && (data10 !== null)){
validate21.errors = [{instancePath:instancePath+"/args/username",message:"must be string,null"}];
return false;
}
var valid1 = _errs21 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/args",message:"must be object"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate21.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}

const check15 = validate22;

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.topic === undefined) && (missing0 = "topic")){
validate22.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate22.errors = [{instancePath:instancePath+"/topic",message:"must be string"}];
return false;
}
if(!(data0 === "tic")){
validate22.errors = [{instancePath:instancePath+"/topic",message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.alive !== undefined){
let data1 = data.alive;
const _errs3 = errors;
if((typeof data1 !== "boolean") && (data1 !== null)){
validate22.errors = [{instancePath:instancePath+"/alive",message:"must be boolean,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.id !== undefined){
let data2 = data.id;
const _errs5 = errors;
if((typeof data2 !== "string") && (data2 !== null)){
validate22.errors = [{instancePath:instancePath+"/id",message:"must be string,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.lastAccessed !== undefined){
let data3 = data.lastAccessed;
const _errs7 = errors;
if((!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))) && (data3 !== null)){
validate22.errors = [{instancePath:instancePath+"/lastAccessed",message:"must be integer,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate22.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate22.errors = vErrors;
return errors === 0;
}


/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"POST /iserver/auth/ssodh/init 200": check0 as Check,
	"POST /iserver/auth/status 200": check1 as Check,
	"GET /iserver/reauthenticate 200": check2 as Check,
	"POST /logout 200": check3 as Check,
	"GET /sso/validate 200": check4 as Check,
	"POST /tickle 200": check5 as Check,
	"GET /iserver/accounts 200": check6 as Check,
	"POST /oauth/request_token 200": check7 as Check,
	"POST /oauth/access_token 200": check8 as Check,
	"POST /oauth/live_session_token 200": check9 as Check,
	"POST /oauth2/api/v1/token 200": check10 as Check,
	"POST /gw/api/v1/sso-sessions 200": check11 as Check,
	"SocketSystem": check12 as Check,
	"SocketAct": check13 as Check,
	"SocketSts": check14 as Check,
	"SocketTicReply": check15 as Check,
} as const;
