import { isObject } from '@/values/json';

/** Violation says what is wrong with one field of a request; field is its path, such as "fields.InvoiceNumber". */
export interface Violation {
  field: string;
  description: string;
}

/**
 * ApiError is how every failed request looks. Reasons are those of aqtra.fault.v1 without their prefix; the browser adds
 * OFFLINE (no answer came) and INTERNAL for an answer that is not one of ours.
 */
export interface ApiError {
  status: number;
  reason: string;
  /** For people, in the server's language; empty when the browser itself refused. */
  message: string;
  violations: readonly Violation[];
  /** Ties the failure to the server's log. */
  requestId: string;
  /** Seconds after which trying again may help; 0 when nothing is known. */
  retryAfter: number;
}

/** Reads the body of a refused request. */
export function readError(status: number, body: unknown, requestId: string, retryAfter: number): ApiError {
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const violations = Array.isArray(error.violations) ? error.violations : [];
  return {
    status,
    reason: typeof error.reason === 'string' && error.reason !== '' ? error.reason : 'INTERNAL',
    message: typeof error.message === 'string' ? error.message : '',
    violations: violations.filter(isObject).map((v) => ({ field: String(v.field ?? ''), description: String(v.description ?? '') })),
    requestId,
    retryAfter,
  };
}

/** No answer came: the network or the server is away. */
export function offline(requestId: string): ApiError {
  return { status: 0, reason: 'OFFLINE', message: '', violations: [], requestId, retryAfter: 0 };
}

/** Tells an ApiError from what else a thunk may have been rejected with. */
export function isApiError(value: unknown): value is ApiError {
  return typeof value === 'object' && value !== null && 'reason' in value && 'violations' in value;
}

/** What is wrong with the field, or undefined. Both spellings of a name count, as parts of the server use either. */
export function violationOf(error: unknown, field: string): string | undefined {
  if (!isApiError(error)) return undefined;
  const snake = field.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  return error.violations.find((v) => v.field === field || v.field === snake)?.description;
}
