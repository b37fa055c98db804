package value

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxPlainInt is the largest magnitude that every JSON reader keeps exactly; integers beyond are written as text.
const maxPlainInt = 1 << 53

// ToJSON writes the plain JSON form described in aqtra/type/v1/value.proto, names of maps in order. Decimals and integers
// beyond 2^53 become text. It fails for what ToProto refuses.
func ToJSON(v any) ([]byte, error) { return AppendJSON(nil, v) }

// AppendJSON appends what ToJSON writes to dst.
func AppendJSON(dst []byte, v any) ([]byte, error) { return appendJSON(dst, v, 0) }

func appendJSON(dst []byte, v any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return nil, ErrDepth
	}
	var err error
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		if v > maxPlainInt || v < -maxPlainInt {
			return append(strconv.AppendInt(append(dst, '"'), v, 10), '"'), nil
		}
		return strconv.AppendInt(dst, v, 10), nil
	case Decimal:
		return append(v.Append(append(dst, '"')), '"'), nil
	case string:
		return appendText(dst, v), nil
	case []byte:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v), '"'), nil
	case Date:
		return appendText(dst, v.String()), nil
	case Time:
		return appendText(dst, v.String()), nil
	case time.Time:
		if v, err = Datetime(v); err != nil {
			return nil, err
		}
		return append(appendDatetime(append(dst, '"'), v), '"'), nil
	case Ref:
		return appendText(dst, string(v)), nil
	case File:
		return appendText(dst, string(v)), nil
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendJSON(dst, item, depth+1); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	case map[string]any:
		dst = append(dst, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendJSON(append(appendText(dst, name), ':'), v[name], depth+1); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	}
	return nil, fmt.Errorf("%T is not a value", v)
}

// appendText appends a JSON string; bytes that are not UTF-8 become U+FFFD.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// FromJSON reads one JSON document as a value: text, int, decimal, bool, list, map or null; Convert then gives it a
// declared type. A number without fraction and exponent that fits 64 bits is an int, any other a decimal; floating point is never used.
// It refuses malformed JSON, text that is not UTF-8, names given twice, numbers that a Decimal cannot hold and nesting
// deeper than MaxDepth. The caller bounds the size.
func FromJSON(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("text is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := readJSON(d, 0)
	if err != nil {
		return nil, readable(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("malformed JSON: there is something after the value")
	}
	return v, nil
}

func readable(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("malformed JSON: it ends too early")
	}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Errorf("malformed JSON at byte %d: %w", syntax.Offset, syntax)
	}
	return err
}

func readJSON(d *json.Decoder, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, ErrDepth
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		return ParseNumber(string(token))
	case json.Delim:
		if token == '[' {
			return readList(d, depth)
		}
		return readMap(d, depth)
	}
	return token, nil // nil, bool or string
}

func readList(d *json.Decoder, depth int) (any, error) {
	items := []any{}
	for d.More() {
		item, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := d.Token()
	return items, err
}

func readMap(d *json.Decoder, depth int) (any, error) {
	m := map[string]any{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder takes nothing else here
		if _, twice := m[name]; twice {
			return nil, fmt.Errorf("%s is given twice", quote(name))
		}
		if m[name], err = readJSON(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return m, err
}

// ParseNumber reads a number as JSON writes it: an int64 when it has neither fraction nor exponent and fits, else a
// Decimal.
func ParseNumber(text string) (any, error) {
	if !strings.ContainsAny(text, ".eE") {
		if n, ok := ParseInt(text); ok {
			return n, nil
		}
	}
	d, err := ParseDecimal(text)
	if err != nil {
		return nil, fmt.Errorf("number %s: %w", quote(text), err)
	}
	return d, nil
}
