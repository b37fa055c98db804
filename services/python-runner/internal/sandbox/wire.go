package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
)

// maxNodes bounds what one frame may unfold to: 8 MiB of "[]," would be hundreds of MiB of Go values.
const maxNodes = 1 << 20

var (
	errFrameTooLarge = errors.New("the message is too large")
	errFrameForged   = errors.New("the message cannot be read")
)

// request is what the parent sends first.
type request struct {
	Mode     string            `json:"mode"` // call, many, check
	Code     string            `json:"code"`
	Function string            `json:"function"`
	Args     []json.RawMessage `json:"args"`
	Items    []json.RawMessage `json:"items,omitempty"`
}

// frame is what a child sends.
type frame struct {
	Kind     string          `json:"k"` // ready, log, call, item, done
	Level    string          `json:"level"`
	Text     string          `json:"text"`
	Method   string          `json:"method"`
	Args     json.RawMessage `json:"args"`
	Value    json.RawMessage `json:"value"`
	Error    *scriptError    `json:"error"`
	Problems []Problem       `json:"problems"`
}

type scriptError struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Line   int    `json:"line"`
	Limit  string `json:"limit"`
	Frames []struct {
		Line int    `json:"line"`
		Name string `json:"name"`
	} `json:"frames"`
}

// answer is what the parent sends back to a question.
type answer struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error *answerError    `json:"error,omitempty"`
}

type answerError struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func writeFrame(w io.Writer, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	if len(data) > maxFrame {
		return errFrameTooLarge
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)), uint32(len(data))), data...))
	return err
}

// readFrame reads one message of at most limit bytes and returns its size with the length prefix. The buffer grows with what
// arrives, not with what was announced.
func readFrame(r io.Reader, limit int64) (frame, int64, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, 0, err
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	if n > min(limit, maxFrame) {
		return frame{}, 0, errFrameTooLarge
	}
	var buf bytes.Buffer
	if _, err := io.CopyN(&buf, r, n); err != nil {
		return frame{}, 0, err
	}
	if nodes(buf.Bytes()) > maxNodes {
		return frame{}, 0, errFrameTooLarge
	}
	var f frame
	if err := json.Unmarshal(buf.Bytes(), &f); err != nil {
		return frame{}, 0, errFrameForged
	}
	return f, n + 4, nil
}

// nodes counts, without building anything, the values in a JSON text: one per opening bracket and per comma outside strings.
func nodes(data []byte) int {
	n, inText := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case !inText && (c == ',' || c == '[' || c == '{'):
			n++
		}
	}
	return n
}

// encodeValue writes a value for a script. An object has exactly one key, the tag: m map, d decimal, b bytes, D date, T time,
// t datetime, r reference, f file.
func encodeValue(v any) (json.RawMessage, error) {
	tree, err := encodeTree(v, 0)
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

func encodeTree(v any, depth int) (any, error) {
	if depth > value.MaxDepth {
		return nil, fmt.Errorf("value: nested deeper than %d", value.MaxDepth)
	}
	switch v := v.(type) {
	case nil, bool, int64, string:
		return v, nil
	case value.Decimal:
		return tagged("d", v.String()), nil
	case []byte:
		return tagged("b", base64.StdEncoding.EncodeToString(v)), nil
	case value.Date:
		return tagged("D", v.String()), nil
	case value.Time:
		return tagged("T", v.String()), nil
	case time.Time:
		return tagged("t", value.FormatDatetime(v)), nil
	case value.Ref:
		return tagged("r", string(v)), nil
	case value.File:
		return tagged("f", string(v)), nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var err error
			if out[i], err = encodeTree(e, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			var err error
			if out[k], err = encodeTree(e, depth+1); err != nil {
				return nil, err
			}
		}
		return map[string]any{"m": out}, nil
	}
	return nil, fmt.Errorf("value: %T is not one", v)
}

func tagged(tag, text string) map[string]string { return map[string]string{tag: text} }

func encodeValues(vs []any) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, len(vs))
	for i, v := range vs {
		var err error
		if out[i], err = encodeValue(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// decodeValue reads a value that a script sent.
func decodeValue(data json.RawMessage) (any, error) {
	if len(data) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, errFrameForged
	}
	return decodeTree(tree, 0)
}

func decodeTree(tree any, depth int) (any, error) {
	if depth > value.MaxDepth {
		return nil, fmt.Errorf("nested deeper than %d", value.MaxDepth)
	}
	switch t := tree.(type) {
	case nil, bool, string:
		return t, nil
	case json.Number:
		n, ok := value.ParseInt(t.String())
		if !ok {
			return nil, errors.New("not an integer of 64 bits")
		}
		return n, nil
	case []any:
		for i, e := range t {
			var err error
			if t[i], err = decodeTree(e, depth+1); err != nil {
				return nil, err
			}
		}
		return t, nil
	case map[string]any:
		if len(t) == 1 {
			for tag, inner := range t {
				return decodeTagged(tag, inner, depth)
			}
		}
	}
	return nil, errFrameForged
}

func decodeTagged(tag string, inner any, depth int) (any, error) {
	if fields, ok := inner.(map[string]any); ok && tag == "m" {
		for k, e := range fields {
			var err error
			if fields[k], err = decodeTree(e, depth+1); err != nil {
				return nil, err
			}
		}
		return fields, nil
	}
	text, ok := inner.(string)
	if !ok {
		return nil, errFrameForged
	}
	switch tag {
	case "d":
		return typed(value.ParseDecimal(text))
	case "b":
		return typed(base64.StdEncoding.DecodeString(text))
	case "D":
		return typed(value.ParseDate(text))
	case "T":
		return typed(value.ParseTime(text))
	case "t":
		return typed(value.ParseDatetime(text))
	case "r":
		return value.Ref(text), nil
	case "f":
		return value.File(text), nil
	}
	return nil, errFrameForged
}

func typed[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}
