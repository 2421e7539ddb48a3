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
const schema1 = {"type":"object","required":["retCode"],"properties":{"retCode":{"type":"integer"},"retMsg":{"type":"string"},"result":{"type":["object","null"]},"retExtInfo":{"type":["object","null"]},"time":{"type":"integer","format":"int64"}}};

function validate1(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.retCode === undefined) && (missing0 = "retCode")){
validate1.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate1.errors = [{instancePath:instancePath+"/retCode",schemaPath:"#/properties/retCode/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
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
validate1.errors = [{instancePath:instancePath+"/retMsg",schemaPath:"#/properties/retMsg/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate1.errors = [{instancePath:instancePath+"/result",schemaPath:"#/properties/result/type",keyword:"type",params:{type: schema1.properties.result.type},message:"must be object,null"}];
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
validate1.errors = [{instancePath:instancePath+"/retExtInfo",schemaPath:"#/properties/retExtInfo/type",keyword:"type",params:{type: schema1.properties.retExtInfo.type},message:"must be object,null"}];
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
validate1.errors = [{instancePath:instancePath+"/time",schemaPath:"#/properties/time/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
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
validate1.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate1.errors = vErrors;
return errors === 0;
}

const check1 = validate2;
const schema2 = {"type":"object","required":["retCode"],"properties":{"retCode":{"type":"integer"},"retMsg":{"type":"string"},"result":{"$ref":"#/components/schemas/DcpInfos"},"retExtInfo":{"type":["object","null"]},"time":{"type":"integer","format":"int64"}}};
const schema3 = {"type":["object","null"],"properties":{"dcpInfos":{"type":["array","null"],"items":{"$ref":"#/components/schemas/DcpInfo"}}}};
const schema4 = {"type":"object","required":["product","dcpStatus","timeWindow"],"properties":{"product":{"type":"string"},"dcpStatus":{"type":"string"},"timeWindow":{"type":"string"}}};

function validate3(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
validate3.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema3.type},message:"must be object,null"}];
return false;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.dcpInfos !== undefined){
let data0 = data.dcpInfos;
const _errs1 = errors;
if((!(Array.isArray(data0))) && (data0 !== null)){
validate3.errors = [{instancePath:instancePath+"/dcpInfos",schemaPath:"#/properties/dcpInfos/type",keyword:"type",params:{type: schema3.properties.dcpInfos.type},message:"must be array,null"}];
return false;
}
if(errors === _errs1){
if(Array.isArray(data0)){
var valid1 = true;
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
const _errs3 = errors;
const _errs4 = errors;
if(errors === _errs4){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
let missing0;
if((((data1.product === undefined) && (missing0 = "product")) || ((data1.dcpStatus === undefined) && (missing0 = "dcpStatus"))) || ((data1.timeWindow === undefined) && (missing0 = "timeWindow"))){
validate3.errors = [{instancePath:instancePath+"/dcpInfos/" + i0,schemaPath:"#/components/schemas/DcpInfo/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data1.product !== undefined){
const _errs6 = errors;
if(typeof data1.product !== "string"){
validate3.errors = [{instancePath:instancePath+"/dcpInfos/" + i0+"/product",schemaPath:"#/components/schemas/DcpInfo/properties/product/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs6 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data1.dcpStatus !== undefined){
const _errs8 = errors;
if(typeof data1.dcpStatus !== "string"){
validate3.errors = [{instancePath:instancePath+"/dcpInfos/" + i0+"/dcpStatus",schemaPath:"#/components/schemas/DcpInfo/properties/dcpStatus/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs8 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data1.timeWindow !== undefined){
const _errs10 = errors;
if(typeof data1.timeWindow !== "string"){
validate3.errors = [{instancePath:instancePath+"/dcpInfos/" + i0+"/timeWindow",schemaPath:"#/components/schemas/DcpInfo/properties/timeWindow/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs10 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
else {
validate3.errors = [{instancePath:instancePath+"/dcpInfos/" + i0,schemaPath:"#/components/schemas/DcpInfo/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
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
validate2.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate2.errors = [{instancePath:instancePath+"/retCode",schemaPath:"#/properties/retCode/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
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
validate2.errors = [{instancePath:instancePath+"/retMsg",schemaPath:"#/properties/retMsg/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate2.errors = [{instancePath:instancePath+"/retExtInfo",schemaPath:"#/properties/retExtInfo/type",keyword:"type",params:{type: schema2.properties.retExtInfo.type},message:"must be object,null"}];
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
validate2.errors = [{instancePath:instancePath+"/time",schemaPath:"#/properties/time/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
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
validate2.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate2.errors = vErrors;
return errors === 0;
}

const check2 = validate5;
const schema5 = {"type":"object","required":["retCode"],"properties":{"retCode":{"type":"integer"},"retMsg":{"type":"string"},"result":{"$ref":"#/components/schemas/MarketTime"},"retExtInfo":{"type":["object","null"]},"time":{"type":"integer","format":"int64"}}};
const schema6 = {"type":["object","null"],"properties":{"timeSecond":{"type":"string"},"timeNano":{"type":"string"}}};

function validate5(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.retCode === undefined) && (missing0 = "retCode")){
validate5.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.retCode !== undefined){
let data0 = data.retCode;
const _errs1 = errors;
if(!((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0)))){
validate5.errors = [{instancePath:instancePath+"/retCode",schemaPath:"#/properties/retCode/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
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
validate5.errors = [{instancePath:instancePath+"/retMsg",schemaPath:"#/properties/retMsg/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
const _errs6 = errors;
if((!(data2 && typeof data2 == "object" && !Array.isArray(data2))) && (data2 !== null)){
validate5.errors = [{instancePath:instancePath+"/result",schemaPath:"#/components/schemas/MarketTime/type",keyword:"type",params:{type: schema6.type},message:"must be object,null"}];
return false;
}
if(errors === _errs6){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.timeSecond !== undefined){
const _errs8 = errors;
if(typeof data2.timeSecond !== "string"){
validate5.errors = [{instancePath:instancePath+"/result/timeSecond",schemaPath:"#/components/schemas/MarketTime/properties/timeSecond/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs8 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.timeNano !== undefined){
const _errs10 = errors;
if(typeof data2.timeNano !== "string"){
validate5.errors = [{instancePath:instancePath+"/result/timeNano",schemaPath:"#/components/schemas/MarketTime/properties/timeNano/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs10 === errors;
}
else {
var valid2 = true;
}
}
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.retExtInfo !== undefined){
let data5 = data.retExtInfo;
const _errs12 = errors;
if((!(data5 && typeof data5 == "object" && !Array.isArray(data5))) && (data5 !== null)){
validate5.errors = [{instancePath:instancePath+"/retExtInfo",schemaPath:"#/properties/retExtInfo/type",keyword:"type",params:{type: schema5.properties.retExtInfo.type},message:"must be object,null"}];
return false;
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.time !== undefined){
let data6 = data.time;
const _errs14 = errors;
if(!((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6)))){
validate5.errors = [{instancePath:instancePath+"/time",schemaPath:"#/properties/time/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid0 = _errs14 === errors;
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
validate5.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate5.errors = vErrors;
return errors === 0;
}

const check3 = validate6;
const schema7 = {"type":"object","required":["op","success"],"properties":{"req_id":{"type":"string"},"success":{"type":"boolean"},"ret_msg":{"type":"string"},"op":{"type":"string","enum":["auth"]},"conn_id":{"type":"string"}}};

function validate6(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.op === undefined) && (missing0 = "op")) || ((data.success === undefined) && (missing0 = "success"))){
validate6.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.req_id !== undefined){
const _errs1 = errors;
if(typeof data.req_id !== "string"){
validate6.errors = [{instancePath:instancePath+"/req_id",schemaPath:"#/properties/req_id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate6.errors = [{instancePath:instancePath+"/success",schemaPath:"#/properties/success/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
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
validate6.errors = [{instancePath:instancePath+"/ret_msg",schemaPath:"#/properties/ret_msg/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate6.errors = [{instancePath:instancePath+"/op",schemaPath:"#/properties/op/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data3 === "auth")){
validate6.errors = [{instancePath:instancePath+"/op",schemaPath:"#/properties/op/enum",keyword:"enum",params:{allowedValues: schema7.properties.op.enum},message:"must be equal to one of the allowed values"}];
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
validate6.errors = [{instancePath:instancePath+"/conn_id",schemaPath:"#/properties/conn_id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate6.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate6.errors = vErrors;
return errors === 0;
}

const check4 = validate7;
const schema8 = {"type":"object","required":["op","success"],"properties":{"req_id":{"type":"string"},"success":{"type":"boolean"},"ret_msg":{"type":"string"},"op":{"type":"string","enum":["subscribe"]},"conn_id":{"type":"string"}}};

function validate7(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.op === undefined) && (missing0 = "op")) || ((data.success === undefined) && (missing0 = "success"))){
validate7.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.req_id !== undefined){
const _errs1 = errors;
if(typeof data.req_id !== "string"){
validate7.errors = [{instancePath:instancePath+"/req_id",schemaPath:"#/properties/req_id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate7.errors = [{instancePath:instancePath+"/success",schemaPath:"#/properties/success/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
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
validate7.errors = [{instancePath:instancePath+"/ret_msg",schemaPath:"#/properties/ret_msg/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate7.errors = [{instancePath:instancePath+"/op",schemaPath:"#/properties/op/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data3 === "subscribe")){
validate7.errors = [{instancePath:instancePath+"/op",schemaPath:"#/properties/op/enum",keyword:"enum",params:{allowedValues: schema8.properties.op.enum},message:"must be equal to one of the allowed values"}];
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
validate7.errors = [{instancePath:instancePath+"/conn_id",schemaPath:"#/properties/conn_id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate7.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate7.errors = vErrors;
return errors === 0;
}

const check5 = validate8;
const schema9 = {"type":"object","required":["op"],"properties":{"req_id":{"type":"string"},"op":{"type":"string","enum":["pong"]},"args":{"type":"array","items":{"type":"string"}},"conn_id":{"type":"string"}}};

function validate8(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.op === undefined) && (missing0 = "op")){
validate8.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.req_id !== undefined){
const _errs1 = errors;
if(typeof data.req_id !== "string"){
validate8.errors = [{instancePath:instancePath+"/req_id",schemaPath:"#/properties/req_id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate8.errors = [{instancePath:instancePath+"/op",schemaPath:"#/properties/op/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(data1 === "pong")){
validate8.errors = [{instancePath:instancePath+"/op",schemaPath:"#/properties/op/enum",keyword:"enum",params:{allowedValues: schema9.properties.op.enum},message:"must be equal to one of the allowed values"}];
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
validate8.errors = [{instancePath:instancePath+"/args/" + i0,schemaPath:"#/properties/args/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid1 = _errs7 === errors;
if(!valid1){
break;
}
}
}
else {
validate8.errors = [{instancePath:instancePath+"/args",schemaPath:"#/properties/args/type",keyword:"type",params:{type: "array"},message:"must be array"}];
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
validate8.errors = [{instancePath:instancePath+"/conn_id",schemaPath:"#/properties/conn_id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate8.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate8.errors = vErrors;
return errors === 0;
}

const check6 = validate9;
const schema10 = {"type":"object","required":["topic"],"properties":{"topic":{"type":"string"},"id":{"type":"string"},"creationTime":{"type":"integer","format":"int64"}}};

function validate9(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.topic === undefined) && (missing0 = "topic")){
validate9.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.topic !== undefined){
const _errs1 = errors;
if(typeof data.topic !== "string"){
validate9.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate9.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
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
validate9.errors = [{instancePath:instancePath+"/creationTime",schemaPath:"#/properties/creationTime/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
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
validate9.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate9.errors = vErrors;
return errors === 0;
}


/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
	"POST /v5/order/disconnected-cancel-all 200": check0 as Check,
	"GET /v5/account/query-dcp-info 200": check1 as Check,
	"GET /v5/market/time 200": check2 as Check,
	"AuthReply": check3 as Check,
	"SubscribeReply": check4 as Check,
	"Pong": check5 as Check,
	"TopicPush": check6 as Check,
} as const;
