import { api, type ApiError, type File as StoredFileInfo } from '@/api';
import { offline, readError } from '@/api/error';

/** Upload is a file of the browser on its way to the server. */
export interface Upload {
  file: File;
  /** Part of the bytes that are sent, from 0 to 1. */
  onProgress: (part: number) => void;
}

const uploads = api.injectEndpoints({
  endpoints: (build) => ({
    uploadFile: build.mutation<StoredFileInfo, Upload>({
      queryFn: ({ file, onProgress }, { signal }) => send(file, onProgress, signal),
      invalidatesTags: ['Files'],
    }),
  }),
});

export const { useUploadFileMutation } = uploads;

/** Where the bytes of a file are; whatever they are, a browser that opens the address stores them. */
export function fileAddress(id: string): string {
  return `/v1/files/${encodeURIComponent(id)}:download`;
}

/** The media type of a file; empty when the browser has no idea. A system with a spreadsheet gives CSV the type of that. */
export function mediaTypeOf(file: File): string {
  return /\.csv$/i.test(file.name) ? 'text/csv' : file.type;
}

type Sent = { data: StoredFileInfo } | { error: ApiError };

/** Sends a file as it is. Only the older interface of browsers tells how far it has come. */
function send(file: File, onProgress: (part: number) => void, signal: AbortSignal): Promise<Sent> {
  const id = crypto.randomUUID();
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener('abort', stop);
    const settle = (sent: Sent) => {
      signal.removeEventListener('abort', stop);
      resolve(sent);
    };
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => settle(answerOf(request, id));
    request.onerror = () => settle({ error: offline(id) });
    request.onabort = () => settle({ error: offline(id) });
    request.open('POST', `/v1/files:upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('Content-Type', mediaTypeOf(file) || 'application/octet-stream');
    request.setRequestHeader('X-Request-Id', id);
    request.setRequestHeader('Accept', 'application/json');
    request.send(file);
  });
}

function answerOf(request: XMLHttpRequest, id: string): Sent {
  let body: unknown = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // Not an answer of ours; it is read as a failure below.
  }
  if (request.status === 200 && body !== null) return { data: body as StoredFileInfo };
  return { error: readError(request.status, body, request.getResponseHeader('X-Request-Id') ?? id, Number(request.getResponseHeader('Retry-After') ?? 0)) };
}
