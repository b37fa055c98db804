package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

const (
	// maxSearch bounds the characters of a search, maxWords its words.
	maxSearch = 200
	maxWords  = 10
	// maxDocument bounds the characters of an entry that are looked into; storage.document has the same bound.
	maxDocument = 50_000
)

// Document is the SQL of what a search looks into, over columns behind a prefix such as "e."; false when no field is
// searchable. The index of a publication is over the same, or Postgres would not use it.
func Document(c *model.Component, prefix string) (string, bool) {
	fields := c.Searched()
	parts := make([]string, len(fields))
	for i, f := range fields {
		// Each has its share of what a document holds, so that a long one hides no other.
		parts[i] = fmt.Sprintf("left(coalesce(%s%s, ''::text), %d)", prefix, quote(f.Column), maxDocument/len(fields))
	}
	return "storage.document(" + strings.Join(parts, " || ' '::text || ") + ")", len(parts) > 0
}

// CheckSearch refuses what cannot be searched for. Empty is no search.
func CheckSearch(text string) error {
	bad := func(why string) error {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the search is wrong", fault.Field("search", why))
	}
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	switch {
	case text == "":
		return nil
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return bad("the text has characters that no text can have")
	case utf8.RuneCountInString(text) > maxSearch || len(strings.FieldsFunc(text, func(r rune) bool { return !letter(r) && !unicode.IsMark(r) })) > maxWords:
		return bad("at most 200 characters and 10 words")
	case !strings.ContainsFunc(text, letter):
		return bad("expected words to look for")
	}
	return nil
}
