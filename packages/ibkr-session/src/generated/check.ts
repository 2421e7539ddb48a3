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
const schema1 = {"type":"object","properties":{"authenticated":{"type":["boolean","null"]},"established":{"type":["boolean","null"]},"competing":{"type":["boolean","null"]},"connected":{"type":["boolean","null"]},"message":{"type":["string","null"]},"MAC":{"type":["string","null"]},"serverInfo":{"type":["object","null"],"properties":{"serverName":{"type":["string","null"]},"serverVersion":{"type":["string","null"]}}},"hardware_info":{"type":["string","null"]},"fail":{"type":["string","null"]},"passed":{"type":["boolean","null"]}}};

function validate1(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.authenticated !== undefined){
let data0 = data.authenticated;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate1.errors = [{instancePath:instancePath+"/authenticated",schemaPath:"#/properties/authenticated/type",keyword:"type",params:{type: schema1.properties.authenticated.type},message:"must be boolean,null"}];
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
validate1.errors = [{instancePath:instancePath+"/established",schemaPath:"#/properties/established/type",keyword:"type",params:{type: schema1.properties.established.type},message:"must be boolean,null"}];
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
validate1.errors = [{instancePath:instancePath+"/competing",schemaPath:"#/properties/competing/type",keyword:"type",params:{type: schema1.properties.competing.type},message:"must be boolean,null"}];
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
validate1.errors = [{instancePath:instancePath+"/connected",schemaPath:"#/properties/connected/type",keyword:"type",params:{type: schema1.properties.connected.type},message:"must be boolean,null"}];
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
validate1.errors = [{instancePath:instancePath+"/message",schemaPath:"#/properties/message/type",keyword:"type",params:{type: schema1.properties.message.type},message:"must be string,null"}];
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
validate1.errors = [{instancePath:instancePath+"/MAC",schemaPath:"#/properties/MAC/type",keyword:"type",params:{type: schema1.properties.MAC.type},message:"must be string,null"}];
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
validate1.errors = [{instancePath:instancePath+"/serverInfo",schemaPath:"#/properties/serverInfo/type",keyword:"type",params:{type: schema1.properties.serverInfo.type},message:"must be object,null"}];
return false;
}
if(errors === _errs13){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.serverName !== undefined){
let data7 = data6.serverName;
const _errs15 = errors;
if((typeof data7 !== "string") && (data7 !== null)){
validate1.errors = [{instancePath:instancePath+"/serverInfo/serverName",schemaPath:"#/properties/serverInfo/properties/serverName/type",keyword:"type",params:{type: schema1.properties.serverInfo.properties.serverName.type},message:"must be string,null"}];
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
validate1.errors = [{instancePath:instancePath+"/serverInfo/serverVersion",schemaPath:"#/properties/serverInfo/properties/serverVersion/type",keyword:"type",params:{type: schema1.properties.serverInfo.properties.serverVersion.type},message:"must be string,null"}];
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
validate1.errors = [{instancePath:instancePath+"/hardware_info",schemaPath:"#/properties/hardware_info/type",keyword:"type",params:{type: schema1.properties.hardware_info.type},message:"must be string,null"}];
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
validate1.errors = [{instancePath:instancePath+"/fail",schemaPath:"#/properties/fail/type",keyword:"type",params:{type: schema1.properties.fail.type},message:"must be string,null"}];
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
validate1.errors = [{instancePath:instancePath+"/passed",schemaPath:"#/properties/passed/type",keyword:"type",params:{type: schema1.properties.passed.type},message:"must be boolean,null"}];
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
validate1.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate1.errors = vErrors;
return errors === 0;
}

const check1 = validate2;
const schema2 = {"type":"object","properties":{"error":{"type":["string","null"]}}};

function validate2(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.error !== undefined){
let data0 = data.error;
if((typeof data0 !== "string") && (data0 !== null)){
validate2.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: schema2.properties.error.type},message:"must be string,null"}];
return false;
}
}
}
else {
validate2.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate2.errors = vErrors;
return errors === 0;
}

const check2 = validate3;
const schema3 = {"type":"object","properties":{"error":{"type":["string","null"]},"statusCode":{"oneOf":[{"type":"string"},{"type":"integer"}]}}};

function validate3(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.error !== undefined){
let data0 = data.error;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate3.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: schema3.properties.error.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.statusCode !== undefined){
let data1 = data.statusCode;
const _errs3 = errors;
const _errs4 = errors;
let valid1 = false;
let passing0 = null;
const _errs5 = errors;
if(typeof data1 !== "string"){
const err0 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs5 === errors;
if(_valid0){
valid1 = true;
passing0 = 0;
}
const _errs7 = errors;
if(!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))){
const err1 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/1/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs7 === errors;
if(_valid0 && valid1){
valid1 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid1 = true;
passing0 = 1;
}
}
if(!valid1){
const err2 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate3.errors = vErrors;
return false;
}
else {
errors = _errs4;
if(vErrors !== null){
if(_errs4){
vErrors.length = _errs4;
}
else {
vErrors = null;
}
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
else {
validate3.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
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
if(data.authenticated !== undefined){
let data0 = data.authenticated;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate4.errors = [{instancePath:instancePath+"/authenticated",schemaPath:"#/properties/authenticated/type",keyword:"type",params:{type: schema1.properties.authenticated.type},message:"must be boolean,null"}];
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
validate4.errors = [{instancePath:instancePath+"/established",schemaPath:"#/properties/established/type",keyword:"type",params:{type: schema1.properties.established.type},message:"must be boolean,null"}];
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
validate4.errors = [{instancePath:instancePath+"/competing",schemaPath:"#/properties/competing/type",keyword:"type",params:{type: schema1.properties.competing.type},message:"must be boolean,null"}];
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
validate4.errors = [{instancePath:instancePath+"/connected",schemaPath:"#/properties/connected/type",keyword:"type",params:{type: schema1.properties.connected.type},message:"must be boolean,null"}];
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
validate4.errors = [{instancePath:instancePath+"/message",schemaPath:"#/properties/message/type",keyword:"type",params:{type: schema1.properties.message.type},message:"must be string,null"}];
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
validate4.errors = [{instancePath:instancePath+"/MAC",schemaPath:"#/properties/MAC/type",keyword:"type",params:{type: schema1.properties.MAC.type},message:"must be string,null"}];
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
validate4.errors = [{instancePath:instancePath+"/serverInfo",schemaPath:"#/properties/serverInfo/type",keyword:"type",params:{type: schema1.properties.serverInfo.type},message:"must be object,null"}];
return false;
}
if(errors === _errs13){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.serverName !== undefined){
let data7 = data6.serverName;
const _errs15 = errors;
if((typeof data7 !== "string") && (data7 !== null)){
validate4.errors = [{instancePath:instancePath+"/serverInfo/serverName",schemaPath:"#/properties/serverInfo/properties/serverName/type",keyword:"type",params:{type: schema1.properties.serverInfo.properties.serverName.type},message:"must be string,null"}];
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
validate4.errors = [{instancePath:instancePath+"/serverInfo/serverVersion",schemaPath:"#/properties/serverInfo/properties/serverVersion/type",keyword:"type",params:{type: schema1.properties.serverInfo.properties.serverVersion.type},message:"must be string,null"}];
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
validate4.errors = [{instancePath:instancePath+"/hardware_info",schemaPath:"#/properties/hardware_info/type",keyword:"type",params:{type: schema1.properties.hardware_info.type},message:"must be string,null"}];
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
validate4.errors = [{instancePath:instancePath+"/fail",schemaPath:"#/properties/fail/type",keyword:"type",params:{type: schema1.properties.fail.type},message:"must be string,null"}];
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
validate4.errors = [{instancePath:instancePath+"/passed",schemaPath:"#/properties/passed/type",keyword:"type",params:{type: schema1.properties.passed.type},message:"must be boolean,null"}];
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
validate4.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate4.errors = vErrors;
return errors === 0;
}

const check4 = validate5;
const schema5 = {"type":"object","properties":{"message":{"type":["string","null"]}}};

function validate5(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.message !== undefined){
let data0 = data.message;
if((typeof data0 !== "string") && (data0 !== null)){
validate5.errors = [{instancePath:instancePath+"/message",schemaPath:"#/properties/message/type",keyword:"type",params:{type: schema5.properties.message.type},message:"must be string,null"}];
return false;
}
}
}
else {
validate5.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate5.errors = vErrors;
return errors === 0;
}

const check5 = validate6;
const schema6 = {"type":"object","properties":{"status":{"type":["boolean","null"]}}};

function validate6(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.status !== undefined){
let data0 = data.status;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate6.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: schema6.properties.status.type},message:"must be boolean,null"}];
return false;
}
}
}
else {
validate6.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate6.errors = vErrors;
return errors === 0;
}

const check6 = validate7;
const schema7 = {"type":"object","properties":{"USER_ID":{"type":["integer","null"],"format":"int64"},"USER_NAME":{"type":["string","null"]},"RESULT":{"type":["boolean","null"]},"AUTH_TIME":{"type":["integer","null"],"format":"int64"},"SF_ENABLED":{"type":["boolean","null"]},"IS_FREE_TRIAL":{"type":["boolean","null"]},"CREDENTIAL":{"type":["string","null"]},"IP":{"type":["string","null"]},"EXPIRES":{"type":["integer","null"],"format":"int64"},"QUALIFIED_FOR_MOBILE_AUTH":{"type":["boolean","null"]},"LANDING_APP":{"type":["string","null"]},"IS_MASTER":{"type":["boolean","null"]},"lastAccessed":{"type":["integer","null"],"format":"int64"},"loginType":{"type":["integer","null"]},"LOGIN_TYPE":{"type":["integer","null"]},"PAPER_USER_NAME":{"type":["string","null"]},"features":{"type":["object","null"],"properties":{"envs":{"type":["string","null"]},"env":{"type":["string","null"]},"wlms":{"type":["boolean","null"]},"realtime":{"type":["boolean","null"]},"bond":{"type":["boolean","null"]},"optionChains":{"type":["boolean","null"]},"calendar":{"type":["boolean","null"]},"newMf":{"type":["boolean","null"]}}},"region":{"type":["string","null"]}}};

function validate7(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.USER_ID !== undefined){
let data0 = data.USER_ID;
const _errs1 = errors;
if((!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))) && (data0 !== null)){
validate7.errors = [{instancePath:instancePath+"/USER_ID",schemaPath:"#/properties/USER_ID/type",keyword:"type",params:{type: schema7.properties.USER_ID.type},message:"must be integer,null"}];
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
validate7.errors = [{instancePath:instancePath+"/USER_NAME",schemaPath:"#/properties/USER_NAME/type",keyword:"type",params:{type: schema7.properties.USER_NAME.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath:instancePath+"/RESULT",schemaPath:"#/properties/RESULT/type",keyword:"type",params:{type: schema7.properties.RESULT.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/AUTH_TIME",schemaPath:"#/properties/AUTH_TIME/type",keyword:"type",params:{type: schema7.properties.AUTH_TIME.type},message:"must be integer,null"}];
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
validate7.errors = [{instancePath:instancePath+"/SF_ENABLED",schemaPath:"#/properties/SF_ENABLED/type",keyword:"type",params:{type: schema7.properties.SF_ENABLED.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/IS_FREE_TRIAL",schemaPath:"#/properties/IS_FREE_TRIAL/type",keyword:"type",params:{type: schema7.properties.IS_FREE_TRIAL.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/CREDENTIAL",schemaPath:"#/properties/CREDENTIAL/type",keyword:"type",params:{type: schema7.properties.CREDENTIAL.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath:instancePath+"/IP",schemaPath:"#/properties/IP/type",keyword:"type",params:{type: schema7.properties.IP.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath:instancePath+"/EXPIRES",schemaPath:"#/properties/EXPIRES/type",keyword:"type",params:{type: schema7.properties.EXPIRES.type},message:"must be integer,null"}];
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
validate7.errors = [{instancePath:instancePath+"/QUALIFIED_FOR_MOBILE_AUTH",schemaPath:"#/properties/QUALIFIED_FOR_MOBILE_AUTH/type",keyword:"type",params:{type: schema7.properties.QUALIFIED_FOR_MOBILE_AUTH.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/LANDING_APP",schemaPath:"#/properties/LANDING_APP/type",keyword:"type",params:{type: schema7.properties.LANDING_APP.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath:instancePath+"/IS_MASTER",schemaPath:"#/properties/IS_MASTER/type",keyword:"type",params:{type: schema7.properties.IS_MASTER.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/lastAccessed",schemaPath:"#/properties/lastAccessed/type",keyword:"type",params:{type: schema7.properties.lastAccessed.type},message:"must be integer,null"}];
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
validate7.errors = [{instancePath:instancePath+"/loginType",schemaPath:"#/properties/loginType/type",keyword:"type",params:{type: schema7.properties.loginType.type},message:"must be integer,null"}];
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
validate7.errors = [{instancePath:instancePath+"/LOGIN_TYPE",schemaPath:"#/properties/LOGIN_TYPE/type",keyword:"type",params:{type: schema7.properties.LOGIN_TYPE.type},message:"must be integer,null"}];
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
validate7.errors = [{instancePath:instancePath+"/PAPER_USER_NAME",schemaPath:"#/properties/PAPER_USER_NAME/type",keyword:"type",params:{type: schema7.properties.PAPER_USER_NAME.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features",schemaPath:"#/properties/features/type",keyword:"type",params:{type: schema7.properties.features.type},message:"must be object,null"}];
return false;
}
if(errors === _errs33){
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.envs !== undefined){
let data17 = data16.envs;
const _errs35 = errors;
if((typeof data17 !== "string") && (data17 !== null)){
validate7.errors = [{instancePath:instancePath+"/features/envs",schemaPath:"#/properties/features/properties/envs/type",keyword:"type",params:{type: schema7.properties.features.properties.envs.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features/env",schemaPath:"#/properties/features/properties/env/type",keyword:"type",params:{type: schema7.properties.features.properties.env.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features/wlms",schemaPath:"#/properties/features/properties/wlms/type",keyword:"type",params:{type: schema7.properties.features.properties.wlms.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features/realtime",schemaPath:"#/properties/features/properties/realtime/type",keyword:"type",params:{type: schema7.properties.features.properties.realtime.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features/bond",schemaPath:"#/properties/features/properties/bond/type",keyword:"type",params:{type: schema7.properties.features.properties.bond.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features/optionChains",schemaPath:"#/properties/features/properties/optionChains/type",keyword:"type",params:{type: schema7.properties.features.properties.optionChains.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features/calendar",schemaPath:"#/properties/features/properties/calendar/type",keyword:"type",params:{type: schema7.properties.features.properties.calendar.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/features/newMf",schemaPath:"#/properties/features/properties/newMf/type",keyword:"type",params:{type: schema7.properties.features.properties.newMf.type},message:"must be boolean,null"}];
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
validate7.errors = [{instancePath:instancePath+"/region",schemaPath:"#/properties/region/type",keyword:"type",params:{type: schema7.properties.region.type},message:"must be string,null"}];
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
validate7.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate7.errors = vErrors;
return errors === 0;
}

const check7 = validate8;
const schema8 = {"anyOf":[{"$ref":"#/components/schemas/SuccessfulTickleResponse"},{"$ref":"#/components/schemas/FailedTickleResponse"}]};
const schema11 = {"type":"object","required":["error"],"properties":{"error":{"type":"string"}}};
const schema9 = {"type":"object","properties":{"session":{"type":["string","null"]},"ssoExpires":{"type":["integer","null"],"format":"int64"},"collission":{"type":["boolean","null"]},"userId":{"type":["integer","null"],"format":"int64"},"hmds":{"type":["object","null"],"properties":{"error":{"type":["string","null"]},"authStatus":{"type":["object","null"]}}},"iserver":{"type":["object","null"],"properties":{"authStatus":{"$ref":"#/components/schemas/BrokerageSessionStatus"},"tickle":{"type":["boolean","null"]}}}}};

function validate9(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.session !== undefined){
let data0 = data.session;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate9.errors = [{instancePath:instancePath+"/session",schemaPath:"#/properties/session/type",keyword:"type",params:{type: schema9.properties.session.type},message:"must be string,null"}];
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
validate9.errors = [{instancePath:instancePath+"/ssoExpires",schemaPath:"#/properties/ssoExpires/type",keyword:"type",params:{type: schema9.properties.ssoExpires.type},message:"must be integer,null"}];
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
validate9.errors = [{instancePath:instancePath+"/collission",schemaPath:"#/properties/collission/type",keyword:"type",params:{type: schema9.properties.collission.type},message:"must be boolean,null"}];
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
validate9.errors = [{instancePath:instancePath+"/userId",schemaPath:"#/properties/userId/type",keyword:"type",params:{type: schema9.properties.userId.type},message:"must be integer,null"}];
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
validate9.errors = [{instancePath:instancePath+"/hmds",schemaPath:"#/properties/hmds/type",keyword:"type",params:{type: schema9.properties.hmds.type},message:"must be object,null"}];
return false;
}
if(errors === _errs9){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.error !== undefined){
let data5 = data4.error;
const _errs11 = errors;
if((typeof data5 !== "string") && (data5 !== null)){
validate9.errors = [{instancePath:instancePath+"/hmds/error",schemaPath:"#/properties/hmds/properties/error/type",keyword:"type",params:{type: schema9.properties.hmds.properties.error.type},message:"must be string,null"}];
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
validate9.errors = [{instancePath:instancePath+"/hmds/authStatus",schemaPath:"#/properties/hmds/properties/authStatus/type",keyword:"type",params:{type: schema9.properties.hmds.properties.authStatus.type},message:"must be object,null"}];
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
validate9.errors = [{instancePath:instancePath+"/iserver",schemaPath:"#/properties/iserver/type",keyword:"type",params:{type: schema9.properties.iserver.type},message:"must be object,null"}];
return false;
}
if(errors === _errs15){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
if(data7.authStatus !== undefined){
let data8 = data7.authStatus;
const _errs17 = errors;
const _errs18 = errors;
if(errors === _errs18){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.authenticated !== undefined){
let data9 = data8.authenticated;
const _errs20 = errors;
if((typeof data9 !== "boolean") && (data9 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/authenticated",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/authenticated/type",keyword:"type",params:{type: schema1.properties.authenticated.type},message:"must be boolean,null"}];
return false;
}
var valid4 = _errs20 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.established !== undefined){
let data10 = data8.established;
const _errs22 = errors;
if((typeof data10 !== "boolean") && (data10 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/established",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/established/type",keyword:"type",params:{type: schema1.properties.established.type},message:"must be boolean,null"}];
return false;
}
var valid4 = _errs22 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.competing !== undefined){
let data11 = data8.competing;
const _errs24 = errors;
if((typeof data11 !== "boolean") && (data11 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/competing",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/competing/type",keyword:"type",params:{type: schema1.properties.competing.type},message:"must be boolean,null"}];
return false;
}
var valid4 = _errs24 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.connected !== undefined){
let data12 = data8.connected;
const _errs26 = errors;
if((typeof data12 !== "boolean") && (data12 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/connected",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/connected/type",keyword:"type",params:{type: schema1.properties.connected.type},message:"must be boolean,null"}];
return false;
}
var valid4 = _errs26 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.message !== undefined){
let data13 = data8.message;
const _errs28 = errors;
if((typeof data13 !== "string") && (data13 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/message",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/message/type",keyword:"type",params:{type: schema1.properties.message.type},message:"must be string,null"}];
return false;
}
var valid4 = _errs28 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.MAC !== undefined){
let data14 = data8.MAC;
const _errs30 = errors;
if((typeof data14 !== "string") && (data14 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/MAC",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/MAC/type",keyword:"type",params:{type: schema1.properties.MAC.type},message:"must be string,null"}];
return false;
}
var valid4 = _errs30 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.serverInfo !== undefined){
let data15 = data8.serverInfo;
const _errs32 = errors;
if((!(data15 && typeof data15 == "object" && !Array.isArray(data15))) && (data15 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/serverInfo",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/serverInfo/type",keyword:"type",params:{type: schema1.properties.serverInfo.type},message:"must be object,null"}];
return false;
}
if(errors === _errs32){
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
if(data15.serverName !== undefined){
let data16 = data15.serverName;
const _errs34 = errors;
if((typeof data16 !== "string") && (data16 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/serverInfo/serverName",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/serverInfo/properties/serverName/type",keyword:"type",params:{type: schema1.properties.serverInfo.properties.serverName.type},message:"must be string,null"}];
return false;
}
var valid5 = _errs34 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data15.serverVersion !== undefined){
let data17 = data15.serverVersion;
const _errs36 = errors;
if((typeof data17 !== "string") && (data17 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/serverInfo/serverVersion",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/serverInfo/properties/serverVersion/type",keyword:"type",params:{type: schema1.properties.serverInfo.properties.serverVersion.type},message:"must be string,null"}];
return false;
}
var valid5 = _errs36 === errors;
}
else {
var valid5 = true;
}
}
}
}
var valid4 = _errs32 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.hardware_info !== undefined){
let data18 = data8.hardware_info;
const _errs38 = errors;
if((typeof data18 !== "string") && (data18 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/hardware_info",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/hardware_info/type",keyword:"type",params:{type: schema1.properties.hardware_info.type},message:"must be string,null"}];
return false;
}
var valid4 = _errs38 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.fail !== undefined){
let data19 = data8.fail;
const _errs40 = errors;
if((typeof data19 !== "string") && (data19 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/fail",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/fail/type",keyword:"type",params:{type: schema1.properties.fail.type},message:"must be string,null"}];
return false;
}
var valid4 = _errs40 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data8.passed !== undefined){
let data20 = data8.passed;
const _errs42 = errors;
if((typeof data20 !== "boolean") && (data20 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus/passed",schemaPath:"#/components/schemas/BrokerageSessionStatus/properties/passed/type",keyword:"type",params:{type: schema1.properties.passed.type},message:"must be boolean,null"}];
return false;
}
var valid4 = _errs42 === errors;
}
else {
var valid4 = true;
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
validate9.errors = [{instancePath:instancePath+"/iserver/authStatus",schemaPath:"#/components/schemas/BrokerageSessionStatus/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid2 = _errs17 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data7.tickle !== undefined){
let data21 = data7.tickle;
const _errs44 = errors;
if((typeof data21 !== "boolean") && (data21 !== null)){
validate9.errors = [{instancePath:instancePath+"/iserver/tickle",schemaPath:"#/properties/iserver/properties/tickle/type",keyword:"type",params:{type: schema9.properties.iserver.properties.tickle.type},message:"must be boolean,null"}];
return false;
}
var valid2 = _errs44 === errors;
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
validate9.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate9.errors = vErrors;
return errors === 0;
}


function validate8(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(!(validate9(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate9.errors : vErrors.concat(validate9.errors);
errors = vErrors.length;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const _errs2 = errors;
const _errs3 = errors;
if(errors === _errs3){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.error === undefined) && (missing0 = "error")){
const err0 = {instancePath,schemaPath:"#/components/schemas/FailedTickleResponse/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
else {
if(data.error !== undefined){
if(typeof data.error !== "string"){
const err1 = {instancePath:instancePath+"/error",schemaPath:"#/components/schemas/FailedTickleResponse/properties/error/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
}
else {
const err2 = {instancePath,schemaPath:"#/components/schemas/FailedTickleResponse/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
var _valid0 = _errs2 === errors;
valid0 = valid0 || _valid0;
}
if(!valid0){
const err3 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
validate8.errors = vErrors;
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
validate8.errors = vErrors;
return errors === 0;
}

const check8 = validate11;
const schema12 = {"type":"object","properties":{"accounts":{"type":["array","null"],"items":{"type":"string"}},"selectedAccount":{"type":["string","null"]}}};

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.accounts !== undefined){
let data0 = data.accounts;
const _errs1 = errors;
if((!(Array.isArray(data0))) && (data0 !== null)){
validate11.errors = [{instancePath:instancePath+"/accounts",schemaPath:"#/properties/accounts/type",keyword:"type",params:{type: schema12.properties.accounts.type},message:"must be array,null"}];
return false;
}
if(errors === _errs1){
if(Array.isArray(data0)){
var valid1 = true;
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
const _errs3 = errors;
if(typeof data0[i0] !== "string"){
validate11.errors = [{instancePath:instancePath+"/accounts/" + i0,schemaPath:"#/properties/accounts/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate11.errors = [{instancePath:instancePath+"/selectedAccount",schemaPath:"#/properties/selectedAccount/type",keyword:"type",params:{type: schema12.properties.selectedAccount.type},message:"must be string,null"}];
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
validate11.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate11.errors = vErrors;
return errors === 0;
}

const check9 = validate12;

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.error !== undefined){
let data0 = data.error;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate12.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: schema3.properties.error.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.statusCode !== undefined){
let data1 = data.statusCode;
const _errs3 = errors;
const _errs4 = errors;
let valid1 = false;
let passing0 = null;
const _errs5 = errors;
if(typeof data1 !== "string"){
const err0 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs5 === errors;
if(_valid0){
valid1 = true;
passing0 = 0;
}
const _errs7 = errors;
if(!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))){
const err1 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/1/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs7 === errors;
if(_valid0 && valid1){
valid1 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid1 = true;
passing0 = 1;
}
}
if(!valid1){
const err2 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate12.errors = vErrors;
return false;
}
else {
errors = _errs4;
if(vErrors !== null){
if(_errs4){
vErrors.length = _errs4;
}
else {
vErrors = null;
}
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
else {
validate12.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate12.errors = vErrors;
return errors === 0;
}

const check10 = validate13;
const schema14 = {"type":"object","required":["oauth_token"],"properties":{"oauth_token":{"type":"string"}}};

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.oauth_token === undefined) && (missing0 = "oauth_token")){
validate13.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.oauth_token !== undefined){
if(typeof data.oauth_token !== "string"){
validate13.errors = [{instancePath:instancePath+"/oauth_token",schemaPath:"#/properties/oauth_token/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
}
else {
validate13.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate13.errors = vErrors;
return errors === 0;
}

const check11 = validate14;

function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.error !== undefined){
let data0 = data.error;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate14.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: schema3.properties.error.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.statusCode !== undefined){
let data1 = data.statusCode;
const _errs3 = errors;
const _errs4 = errors;
let valid1 = false;
let passing0 = null;
const _errs5 = errors;
if(typeof data1 !== "string"){
const err0 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs5 === errors;
if(_valid0){
valid1 = true;
passing0 = 0;
}
const _errs7 = errors;
if(!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))){
const err1 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/1/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs7 === errors;
if(_valid0 && valid1){
valid1 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid1 = true;
passing0 = 1;
}
}
if(!valid1){
const err2 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate14.errors = vErrors;
return false;
}
else {
errors = _errs4;
if(vErrors !== null){
if(_errs4){
vErrors.length = _errs4;
}
else {
vErrors = null;
}
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
else {
validate14.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate14.errors = vErrors;
return errors === 0;
}

const check12 = validate15;
const schema16 = {"type":"object","required":["oauth_token","oauth_token_secret"],"properties":{"is_paper":{"type":["boolean","null"]},"oauth_token":{"type":"string"},"oauth_token_secret":{"type":"string"}}};

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.oauth_token === undefined) && (missing0 = "oauth_token")) || ((data.oauth_token_secret === undefined) && (missing0 = "oauth_token_secret"))){
validate15.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.is_paper !== undefined){
let data0 = data.is_paper;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate15.errors = [{instancePath:instancePath+"/is_paper",schemaPath:"#/properties/is_paper/type",keyword:"type",params:{type: schema16.properties.is_paper.type},message:"must be boolean,null"}];
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
validate15.errors = [{instancePath:instancePath+"/oauth_token",schemaPath:"#/properties/oauth_token/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate15.errors = [{instancePath:instancePath+"/oauth_token_secret",schemaPath:"#/properties/oauth_token_secret/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate15.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate15.errors = vErrors;
return errors === 0;
}

const check13 = validate16;

function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.error !== undefined){
let data0 = data.error;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate16.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: schema3.properties.error.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.statusCode !== undefined){
let data1 = data.statusCode;
const _errs3 = errors;
const _errs4 = errors;
let valid1 = false;
let passing0 = null;
const _errs5 = errors;
if(typeof data1 !== "string"){
const err0 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs5 === errors;
if(_valid0){
valid1 = true;
passing0 = 0;
}
const _errs7 = errors;
if(!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))){
const err1 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/1/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs7 === errors;
if(_valid0 && valid1){
valid1 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid1 = true;
passing0 = 1;
}
}
if(!valid1){
const err2 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate16.errors = vErrors;
return false;
}
else {
errors = _errs4;
if(vErrors !== null){
if(_errs4){
vErrors.length = _errs4;
}
else {
vErrors = null;
}
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
else {
validate16.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate16.errors = vErrors;
return errors === 0;
}

const check14 = validate17;
const schema18 = {"type":"object","required":["diffie_hellman_response","live_session_token_signature","live_session_token_expiration"],"properties":{"diffie_hellman_response":{"type":"string"},"live_session_token_signature":{"type":"string"},"live_session_token_expiration":{"type":"integer","format":"int64"}}};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.diffie_hellman_response === undefined) && (missing0 = "diffie_hellman_response")) || ((data.live_session_token_signature === undefined) && (missing0 = "live_session_token_signature"))) || ((data.live_session_token_expiration === undefined) && (missing0 = "live_session_token_expiration"))){
validate17.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.diffie_hellman_response !== undefined){
const _errs1 = errors;
if(typeof data.diffie_hellman_response !== "string"){
validate17.errors = [{instancePath:instancePath+"/diffie_hellman_response",schemaPath:"#/properties/diffie_hellman_response/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate17.errors = [{instancePath:instancePath+"/live_session_token_signature",schemaPath:"#/properties/live_session_token_signature/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate17.errors = [{instancePath:instancePath+"/live_session_token_expiration",schemaPath:"#/properties/live_session_token_expiration/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
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
validate17.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate17.errors = vErrors;
return errors === 0;
}

const check15 = validate18;

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.error !== undefined){
let data0 = data.error;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate18.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: schema3.properties.error.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.statusCode !== undefined){
let data1 = data.statusCode;
const _errs3 = errors;
const _errs4 = errors;
let valid1 = false;
let passing0 = null;
const _errs5 = errors;
if(typeof data1 !== "string"){
const err0 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/0/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs5 === errors;
if(_valid0){
valid1 = true;
passing0 = 0;
}
const _errs7 = errors;
if(!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))){
const err1 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf/1/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs7 === errors;
if(_valid0 && valid1){
valid1 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid1 = true;
passing0 = 1;
}
}
if(!valid1){
const err2 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate18.errors = vErrors;
return false;
}
else {
errors = _errs4;
if(vErrors !== null){
if(_errs4){
vErrors.length = _errs4;
}
else {
vErrors = null;
}
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
else {
validate18.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate18.errors = vErrors;
return errors === 0;
}

const check16 = validate19;
const schema20 = {"type":"object","required":["access_token"],"properties":{"access_token":{"type":"string"},"token_type":{"type":["string","null"]},"scope":{"type":["string","null"]},"expires_in":{"type":["integer","null"]}}};

function validate19(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.access_token === undefined) && (missing0 = "access_token")){
validate19.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.access_token !== undefined){
const _errs1 = errors;
if(typeof data.access_token !== "string"){
validate19.errors = [{instancePath:instancePath+"/access_token",schemaPath:"#/properties/access_token/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate19.errors = [{instancePath:instancePath+"/token_type",schemaPath:"#/properties/token_type/type",keyword:"type",params:{type: schema20.properties.token_type.type},message:"must be string,null"}];
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
validate19.errors = [{instancePath:instancePath+"/scope",schemaPath:"#/properties/scope/type",keyword:"type",params:{type: schema20.properties.scope.type},message:"must be string,null"}];
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
validate19.errors = [{instancePath:instancePath+"/expires_in",schemaPath:"#/properties/expires_in/type",keyword:"type",params:{type: schema20.properties.expires_in.type},message:"must be integer,null"}];
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
validate19.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate19.errors = vErrors;
return errors === 0;
}

const check17 = validate20;
const schema21 = {"type":"object","required":["status"],"properties":{"type":{"type":["string","null"]},"title":{"type":["string","null"]},"status":{"type":"integer"},"detail":{"type":["string","null"]},"invalidArguments":{"type":["array","null"],"items":{"type":"object"}}}};

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.status === undefined) && (missing0 = "status")){
validate20.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.type !== undefined){
let data0 = data.type;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate20.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: schema21.properties.type.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.title !== undefined){
let data1 = data.title;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate20.errors = [{instancePath:instancePath+"/title",schemaPath:"#/properties/title/type",keyword:"type",params:{type: schema21.properties.title.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
let data2 = data.status;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate20.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.detail !== undefined){
let data3 = data.detail;
const _errs7 = errors;
if((typeof data3 !== "string") && (data3 !== null)){
validate20.errors = [{instancePath:instancePath+"/detail",schemaPath:"#/properties/detail/type",keyword:"type",params:{type: schema21.properties.detail.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.invalidArguments !== undefined){
let data4 = data.invalidArguments;
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate20.errors = [{instancePath:instancePath+"/invalidArguments",schemaPath:"#/properties/invalidArguments/type",keyword:"type",params:{type: schema21.properties.invalidArguments.type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid1 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
const _errs11 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
validate20.errors = [{instancePath:instancePath+"/invalidArguments/" + i0,schemaPath:"#/properties/invalidArguments/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid1 = _errs11 === errors;
if(!valid1){
break;
}
}
}
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
validate20.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate20.errors = vErrors;
return errors === 0;
}

const check18 = validate21;

function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.status === undefined) && (missing0 = "status")){
validate21.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.type !== undefined){
let data0 = data.type;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate21.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: schema21.properties.type.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.title !== undefined){
let data1 = data.title;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate21.errors = [{instancePath:instancePath+"/title",schemaPath:"#/properties/title/type",keyword:"type",params:{type: schema21.properties.title.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
let data2 = data.status;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate21.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.detail !== undefined){
let data3 = data.detail;
const _errs7 = errors;
if((typeof data3 !== "string") && (data3 !== null)){
validate21.errors = [{instancePath:instancePath+"/detail",schemaPath:"#/properties/detail/type",keyword:"type",params:{type: schema21.properties.detail.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.invalidArguments !== undefined){
let data4 = data.invalidArguments;
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate21.errors = [{instancePath:instancePath+"/invalidArguments",schemaPath:"#/properties/invalidArguments/type",keyword:"type",params:{type: schema21.properties.invalidArguments.type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid1 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
const _errs11 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
validate21.errors = [{instancePath:instancePath+"/invalidArguments/" + i0,schemaPath:"#/properties/invalidArguments/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid1 = _errs11 === errors;
if(!valid1){
break;
}
}
}
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
validate21.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}

const check19 = validate22;
const schema23 = {"type":"object","required":["access_token"],"properties":{"active":{"type":["boolean","null"]},"access_token":{"type":"string"},"token_type":{"type":["string","null"]}}};

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.access_token === undefined) && (missing0 = "access_token")){
validate22.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.active !== undefined){
let data0 = data.active;
const _errs1 = errors;
if((typeof data0 !== "boolean") && (data0 !== null)){
validate22.errors = [{instancePath:instancePath+"/active",schemaPath:"#/properties/active/type",keyword:"type",params:{type: schema23.properties.active.type},message:"must be boolean,null"}];
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
validate22.errors = [{instancePath:instancePath+"/access_token",schemaPath:"#/properties/access_token/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate22.errors = [{instancePath:instancePath+"/token_type",schemaPath:"#/properties/token_type/type",keyword:"type",params:{type: schema23.properties.token_type.type},message:"must be string,null"}];
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
validate22.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate22.errors = vErrors;
return errors === 0;
}

const check20 = validate23;

function validate23(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.status === undefined) && (missing0 = "status")){
validate23.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.type !== undefined){
let data0 = data.type;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate23.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: schema21.properties.type.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.title !== undefined){
let data1 = data.title;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate23.errors = [{instancePath:instancePath+"/title",schemaPath:"#/properties/title/type",keyword:"type",params:{type: schema21.properties.title.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
let data2 = data.status;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate23.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.detail !== undefined){
let data3 = data.detail;
const _errs7 = errors;
if((typeof data3 !== "string") && (data3 !== null)){
validate23.errors = [{instancePath:instancePath+"/detail",schemaPath:"#/properties/detail/type",keyword:"type",params:{type: schema21.properties.detail.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.invalidArguments !== undefined){
let data4 = data.invalidArguments;
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate23.errors = [{instancePath:instancePath+"/invalidArguments",schemaPath:"#/properties/invalidArguments/type",keyword:"type",params:{type: schema21.properties.invalidArguments.type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid1 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
const _errs11 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
validate23.errors = [{instancePath:instancePath+"/invalidArguments/" + i0,schemaPath:"#/properties/invalidArguments/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid1 = _errs11 === errors;
if(!valid1){
break;
}
}
}
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
validate23.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate23.errors = vErrors;
return errors === 0;
}

const check21 = validate24;

function validate24(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.status === undefined) && (missing0 = "status")){
validate24.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.type !== undefined){
let data0 = data.type;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate24.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: schema21.properties.type.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.title !== undefined){
let data1 = data.title;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate24.errors = [{instancePath:instancePath+"/title",schemaPath:"#/properties/title/type",keyword:"type",params:{type: schema21.properties.title.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
let data2 = data.status;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate24.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.detail !== undefined){
let data3 = data.detail;
const _errs7 = errors;
if((typeof data3 !== "string") && (data3 !== null)){
validate24.errors = [{instancePath:instancePath+"/detail",schemaPath:"#/properties/detail/type",keyword:"type",params:{type: schema21.properties.detail.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.invalidArguments !== undefined){
let data4 = data.invalidArguments;
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate24.errors = [{instancePath:instancePath+"/invalidArguments",schemaPath:"#/properties/invalidArguments/type",keyword:"type",params:{type: schema21.properties.invalidArguments.type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid1 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
const _errs11 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
validate24.errors = [{instancePath:instancePath+"/invalidArguments/" + i0,schemaPath:"#/properties/invalidArguments/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid1 = _errs11 === errors;
if(!valid1){
break;
}
}
}
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
validate24.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate24.errors = vErrors;
return errors === 0;
}

const check22 = validate25;

function validate25(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.status === undefined) && (missing0 = "status")){
validate25.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.type !== undefined){
let data0 = data.type;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate25.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: schema21.properties.type.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.title !== undefined){
let data1 = data.title;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate25.errors = [{instancePath:instancePath+"/title",schemaPath:"#/properties/title/type",keyword:"type",params:{type: schema21.properties.title.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
let data2 = data.status;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate25.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.detail !== undefined){
let data3 = data.detail;
const _errs7 = errors;
if((typeof data3 !== "string") && (data3 !== null)){
validate25.errors = [{instancePath:instancePath+"/detail",schemaPath:"#/properties/detail/type",keyword:"type",params:{type: schema21.properties.detail.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.invalidArguments !== undefined){
let data4 = data.invalidArguments;
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate25.errors = [{instancePath:instancePath+"/invalidArguments",schemaPath:"#/properties/invalidArguments/type",keyword:"type",params:{type: schema21.properties.invalidArguments.type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid1 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
const _errs11 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
validate25.errors = [{instancePath:instancePath+"/invalidArguments/" + i0,schemaPath:"#/properties/invalidArguments/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid1 = _errs11 === errors;
if(!valid1){
break;
}
}
}
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
validate25.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate25.errors = vErrors;
return errors === 0;
}

const check23 = validate26;

function validate26(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.status === undefined) && (missing0 = "status")){
validate26.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.type !== undefined){
let data0 = data.type;
const _errs1 = errors;
if((typeof data0 !== "string") && (data0 !== null)){
validate26.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: schema21.properties.type.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.title !== undefined){
let data1 = data.title;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate26.errors = [{instancePath:instancePath+"/title",schemaPath:"#/properties/title/type",keyword:"type",params:{type: schema21.properties.title.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
let data2 = data.status;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate26.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.detail !== undefined){
let data3 = data.detail;
const _errs7 = errors;
if((typeof data3 !== "string") && (data3 !== null)){
validate26.errors = [{instancePath:instancePath+"/detail",schemaPath:"#/properties/detail/type",keyword:"type",params:{type: schema21.properties.detail.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.invalidArguments !== undefined){
let data4 = data.invalidArguments;
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate26.errors = [{instancePath:instancePath+"/invalidArguments",schemaPath:"#/properties/invalidArguments/type",keyword:"type",params:{type: schema21.properties.invalidArguments.type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid1 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
const _errs11 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
validate26.errors = [{instancePath:instancePath+"/invalidArguments/" + i0,schemaPath:"#/properties/invalidArguments/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid1 = _errs11 === errors;
if(!valid1){
break;
}
}
}
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
validate26.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate26.errors = vErrors;
return errors === 0;
}

const check24 = validate27;
const schema28 = {"type":"object","required":["topic"],"properties":{"topic":{"type":"string","enum":["system"]},"success":{"type":["string","null"]},"isFT":{"type":["boolean","null"]},"isPaper":{"type":["boolean","null"]},"hb":{"type":["integer","null"],"format":"int64"}}};

function validate27(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.topic === undefined) && (missing0 = "topic")){
validate27.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate27.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "system")){
validate27.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/enum",keyword:"enum",params:{allowedValues: schema28.properties.topic.enum},message:"must be equal to one of the allowed values"}];
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
validate27.errors = [{instancePath:instancePath+"/success",schemaPath:"#/properties/success/type",keyword:"type",params:{type: schema28.properties.success.type},message:"must be string,null"}];
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
validate27.errors = [{instancePath:instancePath+"/isFT",schemaPath:"#/properties/isFT/type",keyword:"type",params:{type: schema28.properties.isFT.type},message:"must be boolean,null"}];
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
validate27.errors = [{instancePath:instancePath+"/isPaper",schemaPath:"#/properties/isPaper/type",keyword:"type",params:{type: schema28.properties.isPaper.type},message:"must be boolean,null"}];
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
validate27.errors = [{instancePath:instancePath+"/hb",schemaPath:"#/properties/hb/type",keyword:"type",params:{type: schema28.properties.hb.type},message:"must be integer,null"}];
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
validate27.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate27.errors = vErrors;
return errors === 0;
}

const check25 = validate28;
const schema29 = {"type":"object","required":["topic","args"],"properties":{"topic":{"type":"string","enum":["act"]},"args":{"type":"object","properties":{"accounts":{"type":["array","null"],"items":{"type":"string"}},"acctProps":{"type":["object","null"]},"aliases":{"type":["object","null"]},"allowFeatures":{"type":["object","null"]},"chartPeriods":{"type":["object","null"]},"groups":{"type":["array","null"],"items":{"type":"string"}},"profiles":{"type":["array","null"],"items":{"type":"string"}},"selectedAccount":{"type":["string","null"]},"serverInfo":{"type":["object","null"],"properties":{"serverName":{"type":["string","null"]},"serverVersion":{"type":["string","null"]}}},"sessionId":{"type":["string","null"]},"isFT":{"type":["boolean","null"]},"isPaper":{"type":["boolean","null"]}}}}};

function validate28(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.topic === undefined) && (missing0 = "topic")) || ((data.args === undefined) && (missing0 = "args"))){
validate28.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate28.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "act")){
validate28.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/enum",keyword:"enum",params:{allowedValues: schema29.properties.topic.enum},message:"must be equal to one of the allowed values"}];
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
validate28.errors = [{instancePath:instancePath+"/args/accounts",schemaPath:"#/properties/args/properties/accounts/type",keyword:"type",params:{type: schema29.properties.args.properties.accounts.type},message:"must be array,null"}];
return false;
}
if(errors === _errs5){
if(Array.isArray(data2)){
var valid2 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
const _errs7 = errors;
if(typeof data2[i0] !== "string"){
validate28.errors = [{instancePath:instancePath+"/args/accounts/" + i0,schemaPath:"#/properties/args/properties/accounts/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate28.errors = [{instancePath:instancePath+"/args/acctProps",schemaPath:"#/properties/args/properties/acctProps/type",keyword:"type",params:{type: schema29.properties.args.properties.acctProps.type},message:"must be object,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/aliases",schemaPath:"#/properties/args/properties/aliases/type",keyword:"type",params:{type: schema29.properties.args.properties.aliases.type},message:"must be object,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/allowFeatures",schemaPath:"#/properties/args/properties/allowFeatures/type",keyword:"type",params:{type: schema29.properties.args.properties.allowFeatures.type},message:"must be object,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/chartPeriods",schemaPath:"#/properties/args/properties/chartPeriods/type",keyword:"type",params:{type: schema29.properties.args.properties.chartPeriods.type},message:"must be object,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/groups",schemaPath:"#/properties/args/properties/groups/type",keyword:"type",params:{type: schema29.properties.args.properties.groups.type},message:"must be array,null"}];
return false;
}
if(errors === _errs17){
if(Array.isArray(data8)){
var valid3 = true;
const len1 = data8.length;
for(let i1=0; i1<len1; i1++){
const _errs19 = errors;
if(typeof data8[i1] !== "string"){
validate28.errors = [{instancePath:instancePath+"/args/groups/" + i1,schemaPath:"#/properties/args/properties/groups/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate28.errors = [{instancePath:instancePath+"/args/profiles",schemaPath:"#/properties/args/properties/profiles/type",keyword:"type",params:{type: schema29.properties.args.properties.profiles.type},message:"must be array,null"}];
return false;
}
if(errors === _errs21){
if(Array.isArray(data10)){
var valid4 = true;
const len2 = data10.length;
for(let i2=0; i2<len2; i2++){
const _errs23 = errors;
if(typeof data10[i2] !== "string"){
validate28.errors = [{instancePath:instancePath+"/args/profiles/" + i2,schemaPath:"#/properties/args/properties/profiles/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate28.errors = [{instancePath:instancePath+"/args/selectedAccount",schemaPath:"#/properties/args/properties/selectedAccount/type",keyword:"type",params:{type: schema29.properties.args.properties.selectedAccount.type},message:"must be string,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/serverInfo",schemaPath:"#/properties/args/properties/serverInfo/type",keyword:"type",params:{type: schema29.properties.args.properties.serverInfo.type},message:"must be object,null"}];
return false;
}
if(errors === _errs27){
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
if(data13.serverName !== undefined){
let data14 = data13.serverName;
const _errs29 = errors;
if((typeof data14 !== "string") && (data14 !== null)){
validate28.errors = [{instancePath:instancePath+"/args/serverInfo/serverName",schemaPath:"#/properties/args/properties/serverInfo/properties/serverName/type",keyword:"type",params:{type: schema29.properties.args.properties.serverInfo.properties.serverName.type},message:"must be string,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/serverInfo/serverVersion",schemaPath:"#/properties/args/properties/serverInfo/properties/serverVersion/type",keyword:"type",params:{type: schema29.properties.args.properties.serverInfo.properties.serverVersion.type},message:"must be string,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/sessionId",schemaPath:"#/properties/args/properties/sessionId/type",keyword:"type",params:{type: schema29.properties.args.properties.sessionId.type},message:"must be string,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/isFT",schemaPath:"#/properties/args/properties/isFT/type",keyword:"type",params:{type: schema29.properties.args.properties.isFT.type},message:"must be boolean,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args/isPaper",schemaPath:"#/properties/args/properties/isPaper/type",keyword:"type",params:{type: schema29.properties.args.properties.isPaper.type},message:"must be boolean,null"}];
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
validate28.errors = [{instancePath:instancePath+"/args",schemaPath:"#/properties/args/type",keyword:"type",params:{type: "object"},message:"must be object"}];
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
validate28.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate28.errors = vErrors;
return errors === 0;
}

const check26 = validate29;
const schema30 = {"type":"object","required":["topic","args"],"properties":{"topic":{"type":"string","enum":["sts"]},"args":{"type":"object","properties":{"connected":{"type":["boolean","null"]},"authenticated":{"type":["boolean","null"]},"established":{"type":["boolean","null"]},"competing":{"type":["boolean","null"]},"message":{"type":["string","null"]},"fail":{"type":["string","null"]},"serverName":{"type":["string","null"]},"serverVersion":{"type":["string","null"]},"username":{"type":["string","null"]}}}}};

function validate29(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.topic === undefined) && (missing0 = "topic")) || ((data.args === undefined) && (missing0 = "args"))){
validate29.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate29.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "sts")){
validate29.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/enum",keyword:"enum",params:{allowedValues: schema30.properties.topic.enum},message:"must be equal to one of the allowed values"}];
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
validate29.errors = [{instancePath:instancePath+"/args/connected",schemaPath:"#/properties/args/properties/connected/type",keyword:"type",params:{type: schema30.properties.args.properties.connected.type},message:"must be boolean,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/authenticated",schemaPath:"#/properties/args/properties/authenticated/type",keyword:"type",params:{type: schema30.properties.args.properties.authenticated.type},message:"must be boolean,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/established",schemaPath:"#/properties/args/properties/established/type",keyword:"type",params:{type: schema30.properties.args.properties.established.type},message:"must be boolean,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/competing",schemaPath:"#/properties/args/properties/competing/type",keyword:"type",params:{type: schema30.properties.args.properties.competing.type},message:"must be boolean,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/message",schemaPath:"#/properties/args/properties/message/type",keyword:"type",params:{type: schema30.properties.args.properties.message.type},message:"must be string,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/fail",schemaPath:"#/properties/args/properties/fail/type",keyword:"type",params:{type: schema30.properties.args.properties.fail.type},message:"must be string,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/serverName",schemaPath:"#/properties/args/properties/serverName/type",keyword:"type",params:{type: schema30.properties.args.properties.serverName.type},message:"must be string,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/serverVersion",schemaPath:"#/properties/args/properties/serverVersion/type",keyword:"type",params:{type: schema30.properties.args.properties.serverVersion.type},message:"must be string,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args/username",schemaPath:"#/properties/args/properties/username/type",keyword:"type",params:{type: schema30.properties.args.properties.username.type},message:"must be string,null"}];
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
validate29.errors = [{instancePath:instancePath+"/args",schemaPath:"#/properties/args/type",keyword:"type",params:{type: "object"},message:"must be object"}];
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
validate29.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate29.errors = vErrors;
return errors === 0;
}

const check27 = validate30;
const schema31 = {"type":"object","required":["topic"],"properties":{"topic":{"type":"string","enum":["tic"]},"alive":{"type":["boolean","null"]},"id":{"type":["string","null"]},"lastAccessed":{"type":["integer","null"],"format":"int64"}}};

function validate30(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.topic === undefined) && (missing0 = "topic")){
validate30.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
let data0 = data.topic;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate30.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "tic")){
validate30.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/enum",keyword:"enum",params:{allowedValues: schema31.properties.topic.enum},message:"must be equal to one of the allowed values"}];
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
validate30.errors = [{instancePath:instancePath+"/alive",schemaPath:"#/properties/alive/type",keyword:"type",params:{type: schema31.properties.alive.type},message:"must be boolean,null"}];
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
validate30.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/type",keyword:"type",params:{type: schema31.properties.id.type},message:"must be string,null"}];
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
validate30.errors = [{instancePath:instancePath+"/lastAccessed",schemaPath:"#/properties/lastAccessed/type",keyword:"type",params:{type: schema31.properties.lastAccessed.type},message:"must be integer,null"}];
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
validate30.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate30.errors = vErrors;
return errors === 0;
}


/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"POST /iserver/auth/ssodh/init 200": check0 as Check,
	"POST /iserver/auth/ssodh/init 500": check1 as Check,
	"POST /iserver/auth/ssodh/init 503": check2 as Check,
	"POST /iserver/auth/status 200": check3 as Check,
	"GET /iserver/reauthenticate 200": check4 as Check,
	"POST /logout 200": check5 as Check,
	"GET /sso/validate 200": check6 as Check,
	"POST /tickle 200": check7 as Check,
	"GET /iserver/accounts 200": check8 as Check,
	"GET /iserver/accounts 400": check9 as Check,
	"POST /oauth/request_token 200": check10 as Check,
	"POST /oauth/request_token 401": check11 as Check,
	"POST /oauth/access_token 200": check12 as Check,
	"POST /oauth/access_token 401": check13 as Check,
	"POST /oauth/live_session_token 200": check14 as Check,
	"POST /oauth/live_session_token 401": check15 as Check,
	"POST /oauth2/api/v1/token 200": check16 as Check,
	"POST /oauth2/api/v1/token 400": check17 as Check,
	"POST /oauth2/api/v1/token 500": check18 as Check,
	"POST /gw/api/v1/sso-sessions 200": check19 as Check,
	"POST /gw/api/v1/sso-sessions 400": check20 as Check,
	"POST /gw/api/v1/sso-sessions 401": check21 as Check,
	"POST /gw/api/v1/sso-sessions 403": check22 as Check,
	"POST /gw/api/v1/sso-sessions 500": check23 as Check,
	"SocketSystem": check24 as Check,
	"SocketAct": check25 as Check,
	"SocketSts": check26 as Check,
	"SocketTicReply": check27 as Check,
} as const;
