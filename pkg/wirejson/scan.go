package wirejson

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// decoder reads one JSON text. What does not fit the target is noted as a violation and reading goes on; an error that a
// method returns ends it.
type decoder struct {
	codec *Codec
	in    []byte
	pos   int
	path  []step
	violations
}

// step is one part of a path: a member of an object, or an item of a list when name is nil.
type step struct {
	name []byte
	item int
}

// peek returns the first byte of the next token, or 0 at the end.
func (d *decoder) peek() byte {
	for d.pos < len(d.in) {
		switch c := d.in[d.pos]; c {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// malformed refuses the text as not JSON, with the place where it stops being so.
func (d *decoder) malformed(what string) error {
	before := d.in[:min(d.pos, len(d.in))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fault.Invalid(faultv1.Reason_REASON_MALFORMED_REQUEST,
		fmt.Sprintf("not valid JSON at line %d, column %d: %s", line, column, what))
}

// object reads an object and calls member with each name; member reads the value, which stands next.
func (d *decoder) object(member func(name []byte) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	for count := 0; ; count++ {
		if d.peek() == '}' && count == 0 {
			break
		}
		if count == MaxNames {
			return fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "an object has too many names",
				fault.Field(d.where(), fmt.Sprintf("expected at most %d names", MaxNames)))
		}
		if d.peek() != '"' {
			return d.malformed("expected a name in quotes")
		}
		name, err := d.text()
		if err != nil {
			return err
		}
		if d.peek() != ':' {
			return d.malformed("expected ':'")
		}
		d.pos++
		d.path = append(d.path, step{name: name})
		if err := member(name); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
		if d.peek() != ',' {
			break
		}
		d.pos++
	}
	if d.peek() != '}' {
		return d.malformed("expected ',' or '}'")
	}
	d.leave()
	return nil
}

// array reads a list and calls item for each of its items; item reads the value, which stands next.
func (d *decoder) array(item func() error) error {
	if err := d.enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if d.peek() == ']' && i == 0 {
			break
		}
		d.path = append(d.path, step{item: i})
		if err := item(); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
		if d.peek() != ',' {
			break
		}
		d.pos++
	}
	if d.peek() != ']' {
		return d.malformed("expected ',' or ']'")
	}
	d.leave()
	return nil
}

// enter steps over an opening bracket. The path has one step for each bracket that is open.
func (d *decoder) enter() error {
	if len(d.path) >= MaxDepth {
		return fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_DEEP,
			"objects and lists may nest at most "+strconv.Itoa(MaxDepth)+" deep")
	}
	d.pos++
	return nil
}

func (d *decoder) leave() { d.pos++ }

// skip reads a value of any kind and drops it.
func (d *decoder) skip() error {
	switch c := d.peek(); c {
	case '{':
		return d.object(func([]byte) error { return d.skip() })
	case '[':
		return d.array(d.skip)
	case '"':
		_, err := d.text()
		return err
	case 't':
		return d.word("true")
	case 'f':
		return d.word("false")
	case 'n':
		return d.word("null")
	default:
		_, err := d.number()
		return err
	}
}

func (d *decoder) word(w string) error {
	if !bytes.HasPrefix(d.in[d.pos:], []byte(w)) {
		return d.malformed("expected a value")
	}
	d.pos += len(w)
	return nil
}

func (d *decoder) number() ([]byte, error) {
	n := scanNumber(d.in[d.pos:])
	if n == 0 {
		return nil, d.malformed("expected a value")
	}
	d.pos += n
	return d.in[d.pos-n : d.pos], nil
}

// text reads a string, of which it returns the content; that may share memory with the input.
func (d *decoder) text() ([]byte, error) {
	d.pos++
	start := d.pos
	ascii := true
	for d.pos < len(d.in) {
		switch c := d.in[d.pos]; {
		case c == '"':
			s := d.in[start:d.pos]
			if !ascii && !utf8.Valid(s) {
				d.pos = start
				return nil, d.malformed("text is not valid UTF-8")
			}
			d.pos++
			return s, nil
		case c == '\\':
			return d.escapedText(start)
		case c < ' ':
			return nil, d.malformed("control character in text")
		case c >= utf8.RuneSelf:
			ascii = false
		}
		d.pos++
	}
	return nil, d.malformed("text without end")
}

// escapedText goes on where text met the first backslash.
func (d *decoder) escapedText(start int) ([]byte, error) {
	s := append(make([]byte, 0, 2*(d.pos-start)+16), d.in[start:d.pos]...)
	for d.pos < len(d.in) {
		switch c := d.in[d.pos]; {
		case c == '"':
			if !utf8.Valid(s) {
				d.pos = start
				return nil, d.malformed("text is not valid UTF-8")
			}
			d.pos++
			return s, nil
		case c < ' ':
			return nil, d.malformed("control character in text")
		case c != '\\':
			s = append(s, c)
			d.pos++
		default:
			r, ok := d.escape()
			if !ok {
				return nil, d.malformed("unknown escape in text")
			}
			s = utf8.AppendRune(s, r)
		}
	}
	return nil, d.malformed("text without end")
}

// escape reads one escape sequence; two of them when they are the halves of a surrogate pair.
func (d *decoder) escape() (rune, bool) {
	rest := d.in[d.pos+1:]
	if len(rest) == 0 {
		return 0, false
	}
	if rest[0] != 'u' {
		i := bytes.IndexByte([]byte(`"\/bfnrt`), rest[0])
		if i < 0 {
			return 0, false
		}
		d.pos += 2
		return rune("\"\\/\b\f\n\r\t"[i]), true
	}
	r, ok := hexRune(rest)
	if !ok {
		return 0, false
	}
	length := 6
	if utf16.IsSurrogate(r) {
		if len(rest) < 6 || rest[5] != '\\' {
			return 0, false
		}
		low, ok := hexRune(rest[6:])
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return 0, false
		}
		length = 12
	}
	d.pos += length
	return r, true
}

// hexRune reads "uXXXX".
func hexRune(in []byte) (rune, bool) {
	if len(in) < 5 || in[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(in[1:5]), 16, 32)
	return rune(n), err == nil
}
