package wirejson

import (
	"errors"
	"unicode/utf8"
)

var errUTF8 = errors.New("text is not valid utf-8")

// appendString writes s in quotes; it must be UTF-8.
func appendString[T string | []byte](b []byte, s T) ([]byte, error) {
	if !validUTF8(s) {
		return b, errUTF8
	}
	return appendText(b, s), nil
}

func validUTF8[T string | []byte](s T) bool {
	if text, ok := any(s).(string); ok {
		return utf8.ValidString(text)
	}
	return utf8.Valid([]byte(s))
}

// appendText writes s, which is known to be UTF-8, in quotes. Only what JSON asks for is escaped.
func appendText[T string | []byte](b []byte, s T) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, s[start:]...), '"')
}
