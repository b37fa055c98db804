// Package paging reads which part of a list a request asks for, and makes and reads page tokens.
//
// A token holds where its page begins and a digest of what the list was asked for, so that the token of another tenant, filter
// or order is refused. It is no secret and gives no access: the place is only a position within what the request may see.
package paging

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// maxToken is how long a token may be, in bytes.
const maxToken = 64 << 10

// defaultSize is how many items a page has when the request does not say.
const defaultSize = 50

// Size reads how many items a page may have: 50 when nothing is asked, and never more than most. It fails with the fault
// INVALID_FIELDS for a negative number.
func Size(asked int32, most int) (int, error) {
	if asked < 0 {
		return 0, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
			fault.Field("page_size", "must not be negative"))
	}
	if asked == 0 {
		return min(defaultSize, most), nil
	}
	return min(int(asked), most), nil
}

// List is a list whose pages are read one after the other.
type List struct{ digest []byte }

// Of is the list that all these parts of a request name: its tenant, its kind, its filter and whatever else decides what is in it.
func Of(parts ...string) List {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s,", len(p), p)
	}
	return List{h.Sum(nil)[:12]}
}

// Token makes the token of the page that begins after a place, which must not be empty.
func (l List) Token(place string) string {
	return base64.RawURLEncoding.EncodeToString(append(slices.Clone(l.digest), place...))
}

// Place reads a token; an empty one is the beginning of the list, with an empty place. It fails with the fault
// PAGE_TOKEN_INVALID for a token that is not of this list. The place may be any bytes.
func (l List) Place(token string) (string, error) {
	if token == "" {
		return "", nil
	}
	if len(token) > maxToken {
		return "", Invalid()
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	place, ok := bytes.CutPrefix(raw, l.digest)
	if err != nil || !ok || len(place) == 0 {
		return "", Invalid()
	}
	return string(place), nil
}

// Text is Place for places that are texts the database can hold.
func (l List) Text(token string) (string, error) {
	place, err := l.Place(token)
	if err == nil && (!utf8.ValidString(place) || strings.ContainsRune(place, 0)) {
		err = Invalid()
	}
	if err != nil {
		return "", err
	}
	return place, nil
}

// Number is Place for places that are numbers; first is the place of the beginning.
func (l List) Number(token string, first int64) (int64, error) {
	place, err := l.Place(token)
	if err != nil || place == "" {
		return first, err
	}
	n, err := strconv.ParseInt(place, 10, 64)
	if err != nil {
		return first, Invalid()
	}
	return n, nil
}

// NumberToken is Token for a place that is a number.
func (l List) NumberToken(place int64) string { return l.Token(strconv.FormatInt(place, 10)) }

// Moment is a place in a list that is ordered by time and id. Times have microseconds.
type Moment struct {
	Time time.Time
	ID   string
}

// MomentToken is Token for a moment.
func (l List) MomentToken(place Moment) string {
	return l.Token(strconv.FormatInt(place.Time.UnixMicro(), 10) + " " + place.ID)
}

// Moment is Text for places that are moments; the beginning is the zero one.
func (l List) Moment(token string) (Moment, error) {
	place, err := l.Text(token)
	if err != nil || place == "" {
		return Moment{}, err
	}
	micros, id, ok := strings.Cut(place, " ")
	n, err := strconv.ParseInt(micros, 10, 64)
	const year9999 = 253_370_764_800_000_000 // what Postgres can hold
	if !ok || err != nil || n < 0 || n > year9999 {
		return Moment{}, Invalid()
	}
	return Moment{Time: time.UnixMicro(n).UTC(), ID: id}, nil
}

// Invalid is the fault PAGE_TOKEN_INVALID.
func Invalid() error {
	return fault.Invalid(faultv1.Reason_REASON_PAGE_TOKEN_INVALID, "the page token is not of this list",
		fault.Field("page_token", "is not of this list; start again without it"))
}
