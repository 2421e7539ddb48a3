// Generated from specs/deribit-session.yaml by "npm run generate". Change the spec, not this file.

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
const schema1 = {"type":"object","required":["result"],"allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"result":{"type":"string","enum":["ok"]}}};
const schema2 = {"type":"object","properties":{"jsonrpc":{"type":"string","enum":["2.0"]},"id":{"$ref":"#/components/schemas/RequestId"},"usIn":{"type":"integer"},"usOut":{"type":"integer"},"usDiff":{"type":"integer"},"testnet":{"type":"boolean"}}};
const schema3 = {"type":["integer","string"]};

function validate2(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.jsonrpc !== undefined){
let data0 = data.jsonrpc;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate2.errors = [{instancePath:instancePath+"/jsonrpc",schemaPath:"#/properties/jsonrpc/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "2.0")){
validate2.errors = [{instancePath:instancePath+"/jsonrpc",schemaPath:"#/properties/jsonrpc/enum",keyword:"enum",params:{allowedValues: schema2.properties.jsonrpc.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.id !== undefined){
let data1 = data.id;
const _errs3 = errors;
if((!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))) && (typeof data1 !== "string")){
validate2.errors = [{instancePath:instancePath+"/id",schemaPath:"#/components/schemas/RequestId/type",keyword:"type",params:{type: schema3.type},message:"must be integer,string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.usIn !== undefined){
let data2 = data.usIn;
const _errs6 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate2.errors = [{instancePath:instancePath+"/usIn",schemaPath:"#/properties/usIn/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.usOut !== undefined){
let data3 = data.usOut;
const _errs8 = errors;
if(!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))){
validate2.errors = [{instancePath:instancePath+"/usOut",schemaPath:"#/properties/usOut/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.usDiff !== undefined){
let data4 = data.usDiff;
const _errs10 = errors;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
validate2.errors = [{instancePath:instancePath+"/usDiff",schemaPath:"#/properties/usDiff/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.testnet !== undefined){
const _errs12 = errors;
if(typeof data.testnet !== "boolean"){
validate2.errors = [{instancePath:instancePath+"/testnet",schemaPath:"#/properties/testnet/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs12 === errors;
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
validate2.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate2.errors = vErrors;
return errors === 0;
}


function validate1(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.result === undefined) && (missing0 = "result")){
validate1.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.result !== undefined){
let data0 = data.result;
if(typeof data0 !== "string"){
validate1.errors = [{instancePath:instancePath+"/result",schemaPath:"#/properties/result/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "ok")){
validate1.errors = [{instancePath:instancePath+"/result",schemaPath:"#/properties/result/enum",keyword:"enum",params:{allowedValues: schema1.properties.result.enum},message:"must be equal to one of the allowed values"}];
return false;
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

const check1 = validate4;
const schema4 = {"type":"object","required":["error"],"allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"error":{"$ref":"#/components/schemas/RpcError"}}};
const schema5 = {"type":"object","required":["code","message"],"properties":{"code":{"type":"integer"},"message":{"type":"string"},"data":{"type":["object","array","string","number","boolean","null"]}}};

function validate4(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.error === undefined) && (missing0 = "error")){
validate4.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.error !== undefined){
let data0 = data.error;
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
let missing1;
if(((data0.code === undefined) && (missing1 = "code")) || ((data0.message === undefined) && (missing1 = "message"))){
validate4.errors = [{instancePath:instancePath+"/error",schemaPath:"#/components/schemas/RpcError/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data0.code !== undefined){
let data1 = data0.code;
const _errs5 = errors;
if(!((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1)))){
validate4.errors = [{instancePath:instancePath+"/error/code",schemaPath:"#/components/schemas/RpcError/properties/code/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid3 = _errs5 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.message !== undefined){
const _errs7 = errors;
if(typeof data0.message !== "string"){
validate4.errors = [{instancePath:instancePath+"/error/message",schemaPath:"#/components/schemas/RpcError/properties/message/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs7 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.data !== undefined){
let data3 = data0.data;
const _errs9 = errors;
if((((typeof data3 != "object") && (typeof data3 !== "string")) && (!(typeof data3 == "number"))) && (typeof data3 !== "boolean")){
validate4.errors = [{instancePath:instancePath+"/error/data",schemaPath:"#/components/schemas/RpcError/properties/data/type",keyword:"type",params:{type: schema5.properties.data.type},message:"must be object,array,string,number,boolean,null"}];
return false;
}
var valid3 = _errs9 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
else {
validate4.errors = [{instancePath:instancePath+"/error",schemaPath:"#/components/schemas/RpcError/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
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

const check2 = validate6;
const schema6 = {"type":"object","required":["result"],"allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"result":{"$ref":"#/components/schemas/CancelOnDisconnect"}}};
const schema7 = {"type":"object","properties":{"scope":{"type":"string","enum":["connection","account"]},"enabled":{"type":"boolean"}}};

function validate6(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.result === undefined) && (missing0 = "result")){
validate6.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.result !== undefined){
let data0 = data.result;
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.scope !== undefined){
let data1 = data0.scope;
const _errs5 = errors;
if(typeof data1 !== "string"){
validate6.errors = [{instancePath:instancePath+"/result/scope",schemaPath:"#/components/schemas/CancelOnDisconnect/properties/scope/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((data1 === "connection") || (data1 === "account"))){
validate6.errors = [{instancePath:instancePath+"/result/scope",schemaPath:"#/components/schemas/CancelOnDisconnect/properties/scope/enum",keyword:"enum",params:{allowedValues: schema7.properties.scope.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid3 = _errs5 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.enabled !== undefined){
const _errs7 = errors;
if(typeof data0.enabled !== "boolean"){
validate6.errors = [{instancePath:instancePath+"/result/enabled",schemaPath:"#/components/schemas/CancelOnDisconnect/properties/enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid3 = _errs7 === errors;
}
else {
var valid3 = true;
}
}
}
else {
validate6.errors = [{instancePath:instancePath+"/result",schemaPath:"#/components/schemas/CancelOnDisconnect/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
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

const check3 = validate8;
const schema8 = {"type":"object","required":["result"],"allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"result":{"$ref":"#/components/schemas/Tokens"}}};
const schema9 = {"type":"object","required":["access_token","token_type","expires_in","refresh_token","scope"],"properties":{"access_token":{"type":"string"},"token_type":{"type":"string"},"expires_in":{"type":"integer"},"refresh_token":{"type":"string"},"scope":{"type":"string"},"state":{"type":"string"},"sid":{"type":"string"},"enabled_features":{"type":"array","items":{"type":"string"}},"mandatory_tfa_status":{"type":"string"},"google_login":{"type":"boolean"}}};

function validate8(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.result === undefined) && (missing0 = "result")){
validate8.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.result !== undefined){
let data0 = data.result;
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
let missing1;
if((((((data0.access_token === undefined) && (missing1 = "access_token")) || ((data0.token_type === undefined) && (missing1 = "token_type"))) || ((data0.expires_in === undefined) && (missing1 = "expires_in"))) || ((data0.refresh_token === undefined) && (missing1 = "refresh_token"))) || ((data0.scope === undefined) && (missing1 = "scope"))){
validate8.errors = [{instancePath:instancePath+"/result",schemaPath:"#/components/schemas/Tokens/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data0.access_token !== undefined){
const _errs5 = errors;
if(typeof data0.access_token !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/access_token",schemaPath:"#/components/schemas/Tokens/properties/access_token/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs5 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.token_type !== undefined){
const _errs7 = errors;
if(typeof data0.token_type !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/token_type",schemaPath:"#/components/schemas/Tokens/properties/token_type/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs7 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.expires_in !== undefined){
let data3 = data0.expires_in;
const _errs9 = errors;
if(!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))){
validate8.errors = [{instancePath:instancePath+"/result/expires_in",schemaPath:"#/components/schemas/Tokens/properties/expires_in/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid3 = _errs9 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.refresh_token !== undefined){
const _errs11 = errors;
if(typeof data0.refresh_token !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/refresh_token",schemaPath:"#/components/schemas/Tokens/properties/refresh_token/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs11 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.scope !== undefined){
const _errs13 = errors;
if(typeof data0.scope !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/scope",schemaPath:"#/components/schemas/Tokens/properties/scope/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs13 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.state !== undefined){
const _errs15 = errors;
if(typeof data0.state !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/state",schemaPath:"#/components/schemas/Tokens/properties/state/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs15 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.sid !== undefined){
const _errs17 = errors;
if(typeof data0.sid !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/sid",schemaPath:"#/components/schemas/Tokens/properties/sid/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs17 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.enabled_features !== undefined){
let data8 = data0.enabled_features;
const _errs19 = errors;
if(errors === _errs19){
if(Array.isArray(data8)){
var valid4 = true;
const len0 = data8.length;
for(let i0=0; i0<len0; i0++){
const _errs21 = errors;
if(typeof data8[i0] !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/enabled_features/" + i0,schemaPath:"#/components/schemas/Tokens/properties/enabled_features/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid4 = _errs21 === errors;
if(!valid4){
break;
}
}
}
else {
validate8.errors = [{instancePath:instancePath+"/result/enabled_features",schemaPath:"#/components/schemas/Tokens/properties/enabled_features/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid3 = _errs19 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.mandatory_tfa_status !== undefined){
const _errs23 = errors;
if(typeof data0.mandatory_tfa_status !== "string"){
validate8.errors = [{instancePath:instancePath+"/result/mandatory_tfa_status",schemaPath:"#/components/schemas/Tokens/properties/mandatory_tfa_status/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs23 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.google_login !== undefined){
const _errs25 = errors;
if(typeof data0.google_login !== "boolean"){
validate8.errors = [{instancePath:instancePath+"/result/google_login",schemaPath:"#/components/schemas/Tokens/properties/google_login/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid3 = _errs25 === errors;
}
else {
var valid3 = true;
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
validate8.errors = [{instancePath:instancePath+"/result",schemaPath:"#/components/schemas/Tokens/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
}
}
}
else {
validate8.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate8.errors = vErrors;
return errors === 0;
}

const check4 = validate10;
const schema10 = {"type":"object","required":["result"],"allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"result":{"$ref":"#/components/schemas/Version"}}};
const schema11 = {"type":"object","required":["version"],"properties":{"version":{"type":"string"}}};

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.result === undefined) && (missing0 = "result")){
validate10.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.result !== undefined){
let data0 = data.result;
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
let missing1;
if((data0.version === undefined) && (missing1 = "version")){
validate10.errors = [{instancePath:instancePath+"/result",schemaPath:"#/components/schemas/Version/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data0.version !== undefined){
if(typeof data0.version !== "string"){
validate10.errors = [{instancePath:instancePath+"/result/version",schemaPath:"#/components/schemas/Version/properties/version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/result",schemaPath:"#/components/schemas/Version/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
}
}
}
else {
validate10.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}

const check5 = validate12;
const schema12 = {"type":"object","required":["result"],"allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"result":{"$ref":"#/components/schemas/PlatformStatus"}}};
const schema13 = {"type":"object","properties":{"locked":{"type":["string","boolean"]},"locked_indices":{"type":"array","items":{"type":"string"}},"locked_currencies":{"type":"array","items":{"type":"string"}}}};

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.result === undefined) && (missing0 = "result")){
validate12.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.result !== undefined){
let data0 = data.result;
const _errs3 = errors;
if(errors === _errs3){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.locked !== undefined){
let data1 = data0.locked;
const _errs5 = errors;
if((typeof data1 !== "string") && (typeof data1 !== "boolean")){
validate12.errors = [{instancePath:instancePath+"/result/locked",schemaPath:"#/components/schemas/PlatformStatus/properties/locked/type",keyword:"type",params:{type: schema13.properties.locked.type},message:"must be string,boolean"}];
return false;
}
var valid3 = _errs5 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.locked_indices !== undefined){
let data2 = data0.locked_indices;
const _errs7 = errors;
if(errors === _errs7){
if(Array.isArray(data2)){
var valid4 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
const _errs9 = errors;
if(typeof data2[i0] !== "string"){
validate12.errors = [{instancePath:instancePath+"/result/locked_indices/" + i0,schemaPath:"#/components/schemas/PlatformStatus/properties/locked_indices/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid4 = _errs9 === errors;
if(!valid4){
break;
}
}
}
else {
validate12.errors = [{instancePath:instancePath+"/result/locked_indices",schemaPath:"#/components/schemas/PlatformStatus/properties/locked_indices/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid3 = _errs7 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data0.locked_currencies !== undefined){
let data4 = data0.locked_currencies;
const _errs11 = errors;
if(errors === _errs11){
if(Array.isArray(data4)){
var valid5 = true;
const len1 = data4.length;
for(let i1=0; i1<len1; i1++){
const _errs13 = errors;
if(typeof data4[i1] !== "string"){
validate12.errors = [{instancePath:instancePath+"/result/locked_currencies/" + i1,schemaPath:"#/components/schemas/PlatformStatus/properties/locked_currencies/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid5 = _errs13 === errors;
if(!valid5){
break;
}
}
}
else {
validate12.errors = [{instancePath:instancePath+"/result/locked_currencies",schemaPath:"#/components/schemas/PlatformStatus/properties/locked_currencies/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid3 = _errs11 === errors;
}
else {
var valid3 = true;
}
}
}
}
else {
validate12.errors = [{instancePath:instancePath+"/result",schemaPath:"#/components/schemas/PlatformStatus/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
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

const check6 = validate14;
const schema14 = {"type":"object","required":["result"],"allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"result":{"type":"integer"}}};

function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.result === undefined) && (missing0 = "result")){
validate14.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.result !== undefined){
let data0 = data.result;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate14.errors = [{instancePath:instancePath+"/result",schemaPath:"#/properties/result/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
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

const check7 = validate16;
const schema15 = {"type":"object","allOf":[{"$ref":"#/components/schemas/Envelope"}],"properties":{"result":{"type":["object","array","string","number","boolean","null"]},"error":{"$ref":"#/components/schemas/RpcError"}}};

function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!(validate2(data, {instancePath,parentData,parentDataProperty,rootData}))){
vErrors = vErrors === null ? validate2.errors : vErrors.concat(validate2.errors);
errors = vErrors.length;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.result !== undefined){
let data0 = data.result;
const _errs2 = errors;
if((((typeof data0 != "object") && (typeof data0 !== "string")) && (!(typeof data0 == "number"))) && (typeof data0 !== "boolean")){
validate16.errors = [{instancePath:instancePath+"/result",schemaPath:"#/properties/result/type",keyword:"type",params:{type: schema15.properties.result.type},message:"must be object,array,string,number,boolean,null"}];
return false;
}
var valid1 = _errs2 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data.error !== undefined){
let data1 = data.error;
const _errs4 = errors;
const _errs5 = errors;
if(errors === _errs5){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
let missing0;
if(((data1.code === undefined) && (missing0 = "code")) || ((data1.message === undefined) && (missing0 = "message"))){
validate16.errors = [{instancePath:instancePath+"/error",schemaPath:"#/components/schemas/RpcError/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data1.code !== undefined){
let data2 = data1.code;
const _errs7 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate16.errors = [{instancePath:instancePath+"/error/code",schemaPath:"#/components/schemas/RpcError/properties/code/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid3 = _errs7 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data1.message !== undefined){
const _errs9 = errors;
if(typeof data1.message !== "string"){
validate16.errors = [{instancePath:instancePath+"/error/message",schemaPath:"#/components/schemas/RpcError/properties/message/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs9 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data1.data !== undefined){
let data4 = data1.data;
const _errs11 = errors;
if((((typeof data4 != "object") && (typeof data4 !== "string")) && (!(typeof data4 == "number"))) && (typeof data4 !== "boolean")){
validate16.errors = [{instancePath:instancePath+"/error/data",schemaPath:"#/components/schemas/RpcError/properties/data/type",keyword:"type",params:{type: schema5.properties.data.type},message:"must be object,array,string,number,boolean,null"}];
return false;
}
var valid3 = _errs11 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
else {
validate16.errors = [{instancePath:instancePath+"/error",schemaPath:"#/components/schemas/RpcError/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid1 = _errs4 === errors;
}
else {
var valid1 = true;
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

const check8 = validate18;
const schema17 = {"type":"object","required":["method","params"],"properties":{"jsonrpc":{"type":"string","enum":["2.0"]},"method":{"type":"string","enum":["heartbeat"]},"params":{"type":"object","required":["type"],"properties":{"type":{"type":"string","enum":["heartbeat","test_request"]}}}}};

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.method === undefined) && (missing0 = "method")) || ((data.params === undefined) && (missing0 = "params"))){
validate18.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.jsonrpc !== undefined){
let data0 = data.jsonrpc;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate18.errors = [{instancePath:instancePath+"/jsonrpc",schemaPath:"#/properties/jsonrpc/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "2.0")){
validate18.errors = [{instancePath:instancePath+"/jsonrpc",schemaPath:"#/properties/jsonrpc/enum",keyword:"enum",params:{allowedValues: schema17.properties.jsonrpc.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.method !== undefined){
let data1 = data.method;
const _errs3 = errors;
if(typeof data1 !== "string"){
validate18.errors = [{instancePath:instancePath+"/method",schemaPath:"#/properties/method/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data1 === "heartbeat")){
validate18.errors = [{instancePath:instancePath+"/method",schemaPath:"#/properties/method/enum",keyword:"enum",params:{allowedValues: schema17.properties.method.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.params !== undefined){
let data2 = data.params;
const _errs5 = errors;
if(errors === _errs5){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
let missing1;
if((data2.type === undefined) && (missing1 = "type")){
validate18.errors = [{instancePath:instancePath+"/params",schemaPath:"#/properties/params/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data2.type !== undefined){
let data3 = data2.type;
if(typeof data3 !== "string"){
validate18.errors = [{instancePath:instancePath+"/params/type",schemaPath:"#/properties/params/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((data3 === "heartbeat") || (data3 === "test_request"))){
validate18.errors = [{instancePath:instancePath+"/params/type",schemaPath:"#/properties/params/properties/type/enum",keyword:"enum",params:{allowedValues: schema17.properties.params.properties.type.enum},message:"must be equal to one of the allowed values"}];
return false;
}
}
}
}
else {
validate18.errors = [{instancePath:instancePath+"/params",schemaPath:"#/properties/params/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
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
validate18.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate18.errors = vErrors;
return errors === 0;
}

const check9 = validate19;
const schema18 = {"type":"object","required":["method","params"],"properties":{"jsonrpc":{"type":"string","enum":["2.0"]},"method":{"type":"string","enum":["subscription"]},"params":{"type":"object","required":["channel","data"],"properties":{"channel":{"type":"string"},"data":{"type":["object","array","string","number","boolean","null"]},"label":{"type":"string"}}}}};

function validate19(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.method === undefined) && (missing0 = "method")) || ((data.params === undefined) && (missing0 = "params"))){
validate19.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.jsonrpc !== undefined){
let data0 = data.jsonrpc;
const _errs1 = errors;
if(typeof data0 !== "string"){
validate19.errors = [{instancePath:instancePath+"/jsonrpc",schemaPath:"#/properties/jsonrpc/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data0 === "2.0")){
validate19.errors = [{instancePath:instancePath+"/jsonrpc",schemaPath:"#/properties/jsonrpc/enum",keyword:"enum",params:{allowedValues: schema18.properties.jsonrpc.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.method !== undefined){
let data1 = data.method;
const _errs3 = errors;
if(typeof data1 !== "string"){
validate19.errors = [{instancePath:instancePath+"/method",schemaPath:"#/properties/method/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data1 === "subscription")){
validate19.errors = [{instancePath:instancePath+"/method",schemaPath:"#/properties/method/enum",keyword:"enum",params:{allowedValues: schema18.properties.method.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.params !== undefined){
let data2 = data.params;
const _errs5 = errors;
if(errors === _errs5){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
let missing1;
if(((data2.channel === undefined) && (missing1 = "channel")) || ((data2.data === undefined) && (missing1 = "data"))){
validate19.errors = [{instancePath:instancePath+"/params",schemaPath:"#/properties/params/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data2.channel !== undefined){
const _errs7 = errors;
if(typeof data2.channel !== "string"){
validate19.errors = [{instancePath:instancePath+"/params/channel",schemaPath:"#/properties/params/properties/channel/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid1 = _errs7 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data2.data !== undefined){
let data4 = data2.data;
const _errs9 = errors;
if((((typeof data4 != "object") && (typeof data4 !== "string")) && (!(typeof data4 == "number"))) && (typeof data4 !== "boolean")){
validate19.errors = [{instancePath:instancePath+"/params/data",schemaPath:"#/properties/params/properties/data/type",keyword:"type",params:{type: schema18.properties.params.properties.data.type},message:"must be object,array,string,number,boolean,null"}];
return false;
}
var valid1 = _errs9 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data2.label !== undefined){
const _errs11 = errors;
if(typeof data2.label !== "string"){
validate19.errors = [{instancePath:instancePath+"/params/label",schemaPath:"#/properties/params/properties/label/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid1 = _errs11 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
else {
validate19.errors = [{instancePath:instancePath+"/params",schemaPath:"#/properties/params/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
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
validate19.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate19.errors = vErrors;
return errors === 0;
}


/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"GET /public/set_heartbeat 200": check0 as Check,
	"GET /public/set_heartbeat 400": check1 as Check,
	"GET /public/disable_heartbeat 200": check0 as Check,
	"GET /public/disable_heartbeat 400": check1 as Check,
	"GET /private/enable_cancel_on_disconnect 200": check0 as Check,
	"GET /private/enable_cancel_on_disconnect 400": check1 as Check,
	"GET /private/disable_cancel_on_disconnect 200": check0 as Check,
	"GET /private/disable_cancel_on_disconnect 400": check1 as Check,
	"GET /private/get_cancel_on_disconnect 200": check2 as Check,
	"GET /private/get_cancel_on_disconnect 400": check1 as Check,
	"GET /public/auth 200": check3 as Check,
	"GET /public/auth 400": check1 as Check,
	"GET /public/exchange_token 200": check3 as Check,
	"GET /public/exchange_token 400": check1 as Check,
	"GET /public/fork_token 200": check3 as Check,
	"GET /public/fork_token 400": check1 as Check,
	"GET /private/logout 400": check1 as Check,
	"GET /public/hello 200": check4 as Check,
	"GET /public/hello 400": check1 as Check,
	"GET /public/test 200": check4 as Check,
	"GET /public/test 400": check1 as Check,
	"GET /public/status 200": check5 as Check,
	"GET /public/status 400": check1 as Check,
	"GET /public/get_time 200": check6 as Check,
	"GET /public/get_time 400": check1 as Check,
	"ReplyFrame": check7 as Check,
	"HeartbeatFrame": check8 as Check,
	"SubscriptionFrame": check9 as Check,
} as const;
