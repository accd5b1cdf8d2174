/** AWS's events for HTTP requests to a Lambda function, with only the members that the wrappers read. */

/** Creates the event of a GET request with these values of the Authorization header. */
export type MakeEvent = (path: string, authorization: readonly string[]) => object

/**
 * API Gateway's REST API: `headers` has the last value of each header, and `multiValueHeaders` has every
 * value.
 */
const apiGatewayV1: MakeEvent = (path, authorization) => ({
  ...requestOf(path),
  headers: { Host: 'api.example.no', ...lastOf(authorization) },
  multiValueHeaders: { Host: ['api.example.no'], ...allOf(authorization) },
  requestContext: { identity: { sourceIp: '192.0.2.1' }, requestId: 'r', stage: 'prod' },
})

/** API Gateway's HTTP API and function URLs: the values of a header are joined with commas. */
const apiGatewayV2: MakeEvent = (path, authorization) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: {
    host: 'api.example.no',
    ...(authorization.length > 0 && { authorization: authorization.join(',') }),
  },
  requestContext: { http: { method: 'GET', path, sourceIp: '192.0.2.1' }, requestId: 'r', stage: '$default' },
  body: '',
  isBase64Encoded: false,
})

/** A load balancer with its default attributes: `headers` has the last value of each header. */
const loadBalancer: MakeEvent = (path, authorization) => ({
  ...requestOf(path),
  headers: { host: 'api.example.no', ...lastOf(authorization, 'authorization') },
  requestContext: { elb: { targetGroupArn: 'arn' }, identity: { sourceIp: '192.0.2.1' } },
})

/**
 * A load balancer with the attribute `lambda.multi_value_headers.enabled`: `multiValueHeaders` has every
 * value.
 */
export const loadBalancerOfAll: MakeEvent = (path, authorization) => ({
  ...requestOf(path),
  multiValueHeaders: { host: ['api.example.no'], ...allOf(authorization, 'authorization') },
  requestContext: { elb: { targetGroupArn: 'arn' } },
})

export const EVENTS: readonly (readonly [name: string, make: MakeEvent])[] = [
  ['API Gateway v1', apiGatewayV1],
  ['API Gateway v2', apiGatewayV2],
  ['ALB', loadBalancer],
]

const requestOf = (path: string) => ({
  httpMethod: 'GET',
  path,
  resource: path,
  queryStringParameters: {},
  multiValueQueryStringParameters: {},
  body: '',
  isBase64Encoded: false,
})

const lastOf = (values: readonly string[], name = 'Authorization') =>
  values.length > 0 ? { [name]: values.at(-1) } : {}

const allOf = (values: readonly string[], name = 'Authorization') =>
  values.length > 0 ? { [name]: values } : {}
