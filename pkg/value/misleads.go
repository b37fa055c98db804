package value

import "unicode"

// Misleads reports whether a character has no place in a name that people go by: control characters, and the marks that
// change the direction of writing (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), which make "exe.pdf" of "fdp.exe".
func Misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
