import { api, type ApiError, type File as StoredFileInfo, type Upload as UploadInfo } from '@/api';
import { offline, readError } from '@/api/error';

/** Upload is a file of the browser on its way to the server. */
export interface Upload {
  file: File;
  /** Where it goes; none when absent. */
  folder?: string;
  /** Part of the bytes that are sent, from 0 to 1. */
  onProgress: (part: number) => void;
}

const uploads = api.injectEndpoints({
  endpoints: (build) => ({
    uploadFile: build.mutation<StoredFileInfo, Upload>({
      queryFn: ({ file, folder = '', onProgress }, { signal }) => send(file, folder, onProgress, signal),
      invalidatesTags: ['Files'],
    }),
  }),
});

export const { useUploadFileMutation } = uploads;

/** Where the bytes of a file are; whatever they are, a browser that opens the address stores them. */
export function fileAddress(id: string): string {
  return `/v1/files/${encodeURIComponent(id)}:download`;
}

/** Where a small picture of an image is. */
export function thumbnailAddress(id: string): string {
  return `/v1/files/${encodeURIComponent(id)}:thumbnail?size=64`;
}

/** The media type of a file; empty when the browser has no idea. A system with a spreadsheet gives CSV the type of that. */
export function mediaTypeOf(file: File): string {
  return /\.csv$/i.test(file.name) ? 'text/csv' : file.type;
}

type Sent<T = StoredFileInfo> = { data: T; error?: undefined } | { data?: undefined; error: ApiError };

/** From this size on a file goes in parts, so that a break costs one part and not all of it. */
const large = 16 << 20;

/** How long a part waits before it is sent again, in milliseconds, and how often. */
const pauses = { first: 1000, longest: 15_000, most: 40 };

function send(file: File, folder: string, onProgress: (part: number) => void, signal: AbortSignal): Promise<Sent> {
  const type = mediaTypeOf(file) || 'application/octet-stream';
  if (file.size >= large) return sendParts(file, folder, type, onProgress, signal);
  const place = folder === '' ? '' : `&folder=${encodeURIComponent(folder)}`;
  return request('POST', `/v1/files:upload?name=${encodeURIComponent(file.name)}${place}`, { body: file, type, onProgress: (sent) => onProgress(file.size > 0 ? sent / file.size : 0), signal });
}

/** Sends a large file part by part. After a break it asks how much has arrived, and goes on from there. */
async function sendParts(file: File, folder: string, type: string, onProgress: (part: number) => void, signal: AbortSignal): Promise<Sent> {
  const begun = await json<UploadInfo>('POST', '/v1/uploads', { name: file.name, folder, contentType: type, size: String(file.size) }, signal);
  if (begun.error !== undefined) return begun;
  const path = `/v1/uploads/${encodeURIComponent(begun.data.id ?? '')}`;
  const step = Number(begun.data.partSize);
  let breaks = 0;
  for (let at = 0; at < file.size; ) {
    const part = file.slice(at, Math.min(at + step, file.size));
    const sent = await request<UploadInfo>('PUT', `${path}:part?offset=${at}`, { body: part, type, onProgress: (bytes) => onProgress((at + bytes) / file.size), signal });
    if (signal.aborted) {
      void json('DELETE', path, undefined); // what stays is removed after a day
      return sent as Sent;
    }
    if (sent.error === undefined) {
      at = Number(sent.data.received ?? 0);
      breaks = 0;
      continue;
    }
    if (!passes(sent.error) || ++breaks > pauses.most) return sent;
    await pause(Math.min(pauses.first * 2 ** (breaks - 1), pauses.longest), signal);
    const now = await json<UploadInfo>('GET', path, undefined, signal);
    if (now.error === undefined) at = Number(now.data.received ?? 0);
    else if (!passes(now.error)) return now;
  }
  for (;;) {
    const done = await json<StoredFileInfo>('POST', `${path}:finish`, {}, signal);
    if (done.error === undefined || !passes(done.error) || signal.aborted || ++breaks > pauses.most) return done;
    await pause(pauses.first, signal);
  }
}

/** Whether an error may be gone at the next attempt: the connection, a service that is away, or a part that came twice. */
function passes(error: ApiError): boolean {
  return error.status === 0 || error.status === 429 || error.status >= 500 || error.reason === 'FILE_INCOMPLETE';
}

/** Waits, but not longer than until the browser is online again. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}

function json<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Sent<T>> {
  return request<T>(method, path, { ...(body !== undefined && { body: JSON.stringify(body), type: 'application/json' }), ...(signal !== undefined && { signal }) });
}

interface Ask {
  body?: Blob | string;
  type?: string;
  onProgress?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** Sends bytes. Only the older interface of browsers tells how far it has come. */
function request<T = StoredFileInfo>(method: string, path: string, { body, type, onProgress, signal }: Ask): Promise<Sent<T>> {
  const id = crypto.randomUUID();
  return new Promise((resolve) => {
    const ask = new XMLHttpRequest();
    const stop = () => ask.abort();
    signal?.addEventListener('abort', stop);
    const settle = (sent: Sent<T>) => {
      signal?.removeEventListener('abort', stop);
      resolve(sent);
    };
    ask.upload.onprogress = ({ loaded }) => onProgress?.(loaded);
    ask.onload = () => settle(answerOf<T>(ask, id));
    ask.onerror = () => settle({ error: offline(id) });
    ask.onabort = () => settle({ error: offline(id) });
    ask.open(method, path);
    if (type !== undefined) ask.setRequestHeader('Content-Type', type);
    ask.setRequestHeader('X-Request-Id', id);
    ask.setRequestHeader('Accept', 'application/json');
    ask.send(body ?? null);
    if (signal?.aborted === true) stop();
  });
}

function answerOf<T>(request: XMLHttpRequest, id: string): Sent<T> {
  let body: unknown = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // Not an answer of ours; it is read as a failure below.
  }
  if (request.status === 200 && body !== null) return { data: body as T };
  return { error: readError(request.status, body, request.getResponseHeader('X-Request-Id') ?? id, Number(request.getResponseHeader('Retry-After') ?? 0)) };
}
