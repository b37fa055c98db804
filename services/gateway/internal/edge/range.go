package edge

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// byteRange is a part of a file; the zero value is all of it.
type byteRange struct{ offset, length int64 }

// parseRange reads a Range header for a file of so many bytes. What is no single range of bytes means the whole file, as HTTP
// has it; a range outside of the file is a fault.
func parseRange(header string, size int64) (byteRange, error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return byteRange{}, nil
	}
	from, to, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return byteRange{}, nil
	}
	first, errFirst := strconv.ParseUint(from, 10, 63)
	last, errLast := strconv.ParseUint(to, 10, 63)
	outside := fault.Invalid(faultv1.Reason_REASON_FILE_RANGE_INVALID, "the range is outside of the file")
	switch {
	case from == "" && errLast == nil: // the last so many bytes
		length := min(int64(last), size)
		if length == 0 {
			return byteRange{}, outside
		}
		return byteRange{size - length, length}, nil
	case errFirst != nil || to != "" && errLast != nil || to != "" && last < first:
		return byteRange{}, nil
	case int64(first) >= size:
		return byteRange{}, outside
	case to == "" || int64(last) >= size:
		return byteRange{int64(first), size - int64(first)}, nil
	}
	return byteRange{int64(first), int64(last) - int64(first) + 1}, nil
}

func etag(f *storagev1.File) string { return `"` + f.GetSha256() + `"` }

// matches reports whether an If-None-Match header holds the tag.
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}

// fileHeaders begins the answer with a file, or a part of one.
func fileHeaders(w http.ResponseWriter, f *storagev1.File, part byteRange) {
	h := w.Header()
	h.Set("Content-Type", contentType(f))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.GetName()}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Accept-Ranges", "bytes")
	h.Set("ETag", etag(f))
	h.Set("Cache-Control", "private, no-cache")
	if part == (byteRange{}) {
		h.Set("Content-Length", strconv.FormatInt(f.GetSize(), 10))
		w.WriteHeader(http.StatusOK)
		return
	}
	h.Set("Content-Length", strconv.FormatInt(part.length, 10))
	h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", part.offset, part.offset+part.length-1, f.GetSize()))
	w.WriteHeader(http.StatusPartialContent)
}

// contentType is the stored type, unless it is none.
func contentType(f *storagev1.File) string {
	if _, _, err := mime.ParseMediaType(f.GetContentType()); err != nil {
		return "application/octet-stream"
	}
	return f.GetContentType()
}
