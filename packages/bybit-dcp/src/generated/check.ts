// Generated from specs/bybit-dcp.yaml by "npm run generate". Change the spec, not this file.

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
let missing0;
if((data.retCode === undefined) && (missing0 = "retCode")){
validate1.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate1.errors = [{instancePath:instancePath+"/retCode",message:"must be integer"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retMsg !== undefined){
const _errs3 = errors;
if(typeof data.retMsg !== "string"){
validate1.errors = [{instancePath:instancePath+"/retMsg",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.result !== undefined){
let data2 = data.result;
const _errs5 = errors;
if((!(data2 && typeof data2 == "object" && !Array.isArray(data2))) && (data2 !== null)){
validate1.errors = [{instancePath:instancePath+"/result",message:"must be object,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retExtInfo !== undefined){
let data3 = data.retExtInfo;
const _errs7 = errors;
if((!(data3 && typeof data3 == "object" && !Array.isArray(data3))) && (data3 !== null)){
validate1.errors = [{instancePath:instancePath+"/retExtInfo",message:"must be object,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.time !== undefined){
let data4 = data.time;
const _errs9 = errors;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
validate1.errors = [{instancePath:instancePath+"/time",message:"must be integer"}];
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
validate1.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate1.errors = vErrors;
return errors === 0;
}

const check1 = validate2;

function validate4(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.product === undefined) && (missing0 = "product")) || ((data.dcpStatus === undefined) && (missing0 = "dcpStatus"))) || ((data.timeWindow === undefined) && (missing0 = "timeWindow"))){
validate4.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.product !== undefined){
const _errs1 = errors;
if(typeof data.product !== "string"){
validate4.errors = [{instancePath:instancePath+"/product",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.dcpStatus !== undefined){
const _errs3 = errors;
if(typeof data.dcpStatus !== "string"){
validate4.errors = [{instancePath:instancePath+"/dcpStatus",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.timeWindow !== undefined){
const _errs5 = errors;
if(typeof data.timeWindow !== "string"){
validate4.errors = [{instancePath:instancePath+"/timeWindow",message:"must be string"}];
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
validate4.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate4.errors = vErrors;
return errors === 0;
}


function validate3(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
validate3.errors = [{instancePath,message:"must be object,null"}];
return false;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.dcpInfos !== undefined){
let data0 = data.dcpInfos;
const _errs1 = errors;
if((!(Array.isArray(data0))) && (data0 !== null)){
validate3.errors = [{instancePath:instancePath+"/dcpInfos",message:"must be array,null"}];
return false;
}
if(errors === _errs1){
if(Array.isArray(data0)){
var valid1 = true;
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
const _errs3 = errors;
if(!(validate4(data0[i0], {instancePath:instancePath+"/dcpInfos/" + i0,parentData:data0,parentDataProperty:i0,rootData}))){
vErrors = vErrors === null ? validate4.errors : vErrors.concat(validate4.errors);
errors = vErrors.length;
}
var valid1 = _errs3 === errors;
if(!valid1){
break;
}
}
}
}
}
}
}
validate3.errors = vErrors;
return errors === 0;
}


function validate2(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.retCode === undefined) && (missing0 = "retCode")){
validate2.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate2.errors = [{instancePath:instancePath+"/retCode",message:"must be integer"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retMsg !== undefined){
const _errs3 = errors;
if(typeof data.retMsg !== "string"){
validate2.errors = [{instancePath:instancePath+"/retMsg",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.result !== undefined){
const _errs5 = errors;
if(!(validate3(data.result, {instancePath:instancePath+"/result",parentData:data,parentDataProperty:"result",rootData}))){
vErrors = vErrors === null ? validate3.errors : vErrors.concat(validate3.errors);
errors = vErrors.length;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retExtInfo !== undefined){
let data3 = data.retExtInfo;
const _errs6 = errors;
if((!(data3 && typeof data3 == "object" && !Array.isArray(data3))) && (data3 !== null)){
validate2.errors = [{instancePath:instancePath+"/retExtInfo",message:"must be object,null"}];
return false;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.time !== undefined){
let data4 = data.time;
const _errs8 = errors;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
validate2.errors = [{instancePath:instancePath+"/time",message:"must be integer"}];
return false;
}
var valid0 = _errs8 === errors;
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
validate2.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate2.errors = vErrors;
return errors === 0;
}

const check2 = validate7;

function validate9(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.orderId === undefined) && (missing0 = "orderId")) || ((data.symbol === undefined) && (missing0 = "symbol"))) || ((data.orderStatus === undefined) && (missing0 = "orderStatus"))){
validate9.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.orderId !== undefined){
const _errs1 = errors;
if(typeof data.orderId !== "string"){
validate9.errors = [{instancePath:instancePath+"/orderId",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.orderLinkId !== undefined){
const _errs3 = errors;
if(typeof data.orderLinkId !== "string"){
validate9.errors = [{instancePath:instancePath+"/orderLinkId",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.symbol !== undefined){
const _errs5 = errors;
if(typeof data.symbol !== "string"){
validate9.errors = [{instancePath:instancePath+"/symbol",message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.orderStatus !== undefined){
const _errs7 = errors;
if(typeof data.orderStatus !== "string"){
validate9.errors = [{instancePath:instancePath+"/orderStatus",message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.cancelType !== undefined){
const _errs9 = errors;
if(typeof data.cancelType !== "string"){
validate9.errors = [{instancePath:instancePath+"/cancelType",message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.createdTime !== undefined){
const _errs11 = errors;
if(typeof data.createdTime !== "string"){
validate9.errors = [{instancePath:instancePath+"/createdTime",message:"must be string"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.updatedTime !== undefined){
const _errs13 = errors;
if(typeof data.updatedTime !== "string"){
validate9.errors = [{instancePath:instancePath+"/updatedTime",message:"must be string"}];
return false;
}
var valid0 = _errs13 === errors;
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
else {
validate9.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate9.errors = vErrors;
return errors === 0;
}


function validate8(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
validate8.errors = [{instancePath,message:"must be object,null"}];
return false;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.category !== undefined){
const _errs1 = errors;
if(typeof data.category !== "string"){
validate8.errors = [{instancePath:instancePath+"/category",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.nextPageCursor !== undefined){
let data1 = data.nextPageCursor;
const _errs3 = errors;
if((typeof data1 !== "string") && (data1 !== null)){
validate8.errors = [{instancePath:instancePath+"/nextPageCursor",message:"must be string,null"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.list !== undefined){
let data2 = data.list;
const _errs5 = errors;
if((!(Array.isArray(data2))) && (data2 !== null)){
validate8.errors = [{instancePath:instancePath+"/list",message:"must be array,null"}];
return false;
}
if(errors === _errs5){
if(Array.isArray(data2)){
var valid1 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
const _errs7 = errors;
if(!(validate9(data2[i0], {instancePath:instancePath+"/list/" + i0,parentData:data2,parentDataProperty:i0,rootData}))){
vErrors = vErrors === null ? validate9.errors : vErrors.concat(validate9.errors);
errors = vErrors.length;
}
var valid1 = _errs7 === errors;
if(!valid1){
break;
}
}
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
validate8.errors = vErrors;
return errors === 0;
}


function validate7(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.retCode === undefined) && (missing0 = "retCode")){
validate7.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate7.errors = [{instancePath:instancePath+"/retCode",message:"must be integer"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retMsg !== undefined){
const _errs3 = errors;
if(typeof data.retMsg !== "string"){
validate7.errors = [{instancePath:instancePath+"/retMsg",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.result !== undefined){
const _errs5 = errors;
if(!(validate8(data.result, {instancePath:instancePath+"/result",parentData:data,parentDataProperty:"result",rootData}))){
vErrors = vErrors === null ? validate8.errors : vErrors.concat(validate8.errors);
errors = vErrors.length;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retExtInfo !== undefined){
let data3 = data.retExtInfo;
const _errs6 = errors;
if((!(data3 && typeof data3 == "object" && !Array.isArray(data3))) && (data3 !== null)){
validate7.errors = [{instancePath:instancePath+"/retExtInfo",message:"must be object,null"}];
return false;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.time !== undefined){
let data4 = data.time;
const _errs8 = errors;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
validate7.errors = [{instancePath:instancePath+"/time",message:"must be integer"}];
return false;
}
var valid0 = _errs8 === errors;
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

const check3 = validate12;

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.retCode === undefined) && (missing0 = "retCode")){
validate12.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate12.errors = [{instancePath:instancePath+"/retCode",message:"must be integer"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retMsg !== undefined){
const _errs3 = errors;
if(typeof data.retMsg !== "string"){
validate12.errors = [{instancePath:instancePath+"/retMsg",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.result !== undefined){
const _errs5 = errors;
if(!(validate8(data.result, {instancePath:instancePath+"/result",parentData:data,parentDataProperty:"result",rootData}))){
vErrors = vErrors === null ? validate8.errors : vErrors.concat(validate8.errors);
errors = vErrors.length;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retExtInfo !== undefined){
let data3 = data.retExtInfo;
const _errs6 = errors;
if((!(data3 && typeof data3 == "object" && !Array.isArray(data3))) && (data3 !== null)){
validate12.errors = [{instancePath:instancePath+"/retExtInfo",message:"must be object,null"}];
return false;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.time !== undefined){
let data4 = data.time;
const _errs8 = errors;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
validate12.errors = [{instancePath:instancePath+"/time",message:"must be integer"}];
return false;
}
var valid0 = _errs8 === errors;
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
validate12.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate12.errors = vErrors;
return errors === 0;
}

const check4 = validate14;

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
validate15.errors = [{instancePath,message:"must be object,null"}];
return false;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.timeSecond !== undefined){
const _errs1 = errors;
if(typeof data.timeSecond !== "string"){
validate15.errors = [{instancePath:instancePath+"/timeSecond",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.timeNano !== undefined){
const _errs3 = errors;
if(typeof data.timeNano !== "string"){
validate15.errors = [{instancePath:instancePath+"/timeNano",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
validate15.errors = vErrors;
return errors === 0;
}


function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.retCode === undefined) && (missing0 = "retCode")){
validate14.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate14.errors = [{instancePath:instancePath+"/retCode",message:"must be integer"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retMsg !== undefined){
const _errs3 = errors;
if(typeof data.retMsg !== "string"){
validate14.errors = [{instancePath:instancePath+"/retMsg",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.result !== undefined){
const _errs5 = errors;
if(!(validate15(data.result, {instancePath:instancePath+"/result",parentData:data,parentDataProperty:"result",rootData}))){
vErrors = vErrors === null ? validate15.errors : vErrors.concat(validate15.errors);
errors = vErrors.length;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retExtInfo !== undefined){
let data3 = data.retExtInfo;
const _errs6 = errors;
if((!(data3 && typeof data3 == "object" && !Array.isArray(data3))) && (data3 !== null)){
validate14.errors = [{instancePath:instancePath+"/retExtInfo",message:"must be object,null"}];
return false;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.time !== undefined){
let data4 = data.time;
const _errs8 = errors;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
validate14.errors = [{instancePath:instancePath+"/time",message:"must be integer"}];
return false;
}
var valid0 = _errs8 === errors;
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
validate14.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate14.errors = vErrors;
return errors === 0;
}

const check5 = validate17;

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.op === undefined) && (missing0 = "op")) || ((data.success === undefined) && (missing0 = "success"))){
validate17.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.req_id !== undefined){
const _errs1 = errors;
if(typeof data.req_id !== "string"){
validate17.errors = [{instancePath:instancePath+"/req_id",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.success !== undefined){
const _errs3 = errors;
if(typeof data.success !== "boolean"){
validate17.errors = [{instancePath:instancePath+"/success",message:"must be boolean"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ret_msg !== undefined){
const _errs5 = errors;
if(typeof data.ret_msg !== "string"){
validate17.errors = [{instancePath:instancePath+"/ret_msg",message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.op !== undefined){
let data3 = data.op;
const _errs7 = errors;
if(typeof data3 !== "string"){
validate17.errors = [{instancePath:instancePath+"/op",message:"must be string"}];
return false;
}
if(!(data3 === "auth")){
validate17.errors = [{instancePath:instancePath+"/op",message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.conn_id !== undefined){
const _errs9 = errors;
if(typeof data.conn_id !== "string"){
validate17.errors = [{instancePath:instancePath+"/conn_id",message:"must be string"}];
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
validate17.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate17.errors = vErrors;
return errors === 0;
}

const check6 = validate18;

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.op === undefined) && (missing0 = "op")) || ((data.success === undefined) && (missing0 = "success"))){
validate18.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.req_id !== undefined){
const _errs1 = errors;
if(typeof data.req_id !== "string"){
validate18.errors = [{instancePath:instancePath+"/req_id",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.success !== undefined){
const _errs3 = errors;
if(typeof data.success !== "boolean"){
validate18.errors = [{instancePath:instancePath+"/success",message:"must be boolean"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ret_msg !== undefined){
const _errs5 = errors;
if(typeof data.ret_msg !== "string"){
validate18.errors = [{instancePath:instancePath+"/ret_msg",message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.op !== undefined){
let data3 = data.op;
const _errs7 = errors;
if(typeof data3 !== "string"){
validate18.errors = [{instancePath:instancePath+"/op",message:"must be string"}];
return false;
}
if(!(data3 === "subscribe")){
validate18.errors = [{instancePath:instancePath+"/op",message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.conn_id !== undefined){
const _errs9 = errors;
if(typeof data.conn_id !== "string"){
validate18.errors = [{instancePath:instancePath+"/conn_id",message:"must be string"}];
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
validate18.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate18.errors = vErrors;
return errors === 0;
}

const check7 = validate19;

function validate19(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.op === undefined) && (missing0 = "op")){
validate19.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.req_id !== undefined){
const _errs1 = errors;
if(typeof data.req_id !== "string"){
validate19.errors = [{instancePath:instancePath+"/req_id",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.op !== undefined){
let data1 = data.op;
const _errs3 = errors;
if(typeof data1 !== "string"){
validate19.errors = [{instancePath:instancePath+"/op",message:"must be string"}];
return false;
}
if(!(data1 === "pong")){
validate19.errors = [{instancePath:instancePath+"/op",message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.args !== undefined){
let data2 = data.args;
const _errs5 = errors;
if(errors === _errs5){
if(Array.isArray(data2)){
var valid1 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
const _errs7 = errors;
if(typeof data2[i0] !== "string"){
validate19.errors = [{instancePath:instancePath+"/args/" + i0,message:"must be string"}];
return false;
}
var valid1 = _errs7 === errors;
if(!valid1){
break;
}
}
}
else {
validate19.errors = [{instancePath:instancePath+"/args",message:"must be array"}];
return false;
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.conn_id !== undefined){
const _errs9 = errors;
if(typeof data.conn_id !== "string"){
validate19.errors = [{instancePath:instancePath+"/conn_id",message:"must be string"}];
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
else {
validate19.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate19.errors = vErrors;
return errors === 0;
}

const check8 = validate20;

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.topic === undefined) && (missing0 = "topic")){
validate20.errors = [{instancePath,message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
const _errs1 = errors;
if(typeof data.topic !== "string"){
validate20.errors = [{instancePath:instancePath+"/topic",message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.id !== undefined){
const _errs3 = errors;
if(typeof data.id !== "string"){
validate20.errors = [{instancePath:instancePath+"/id",message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.creationTime !== undefined){
let data2 = data.creationTime;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate20.errors = [{instancePath:instancePath+"/creationTime",message:"must be integer"}];
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
validate20.errors = [{instancePath,message:"must be object"}];
return false;
}
}
validate20.errors = vErrors;
return errors === 0;
}


/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"POST /v5/order/disconnected-cancel-all 200": check0 as Check,
	"GET /v5/account/query-dcp-info 200": check1 as Check,
	"GET /v5/order/realtime 200": check2 as Check,
	"GET /v5/order/history 200": check3 as Check,
	"GET /v5/market/time 200": check4 as Check,
	"AuthReply": check5 as Check,
	"SubscribeReply": check6 as Check,
	"Pong": check7 as Check,
	"TopicPush": check8 as Check,
} as const;
