// Package archive is the file in which a tenant travels: a tar of rows, documents and files, packed by gzip and encrypted by age.
//
// It begins with a manifest and ends with sums of everything in between, so that an archive that was cut off, or put together
// from others, is noticed. age alone notices a changed byte. Nothing is taken from an archive before all of it was read once.
package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"regexp"
	"time"
)

// Format is the version of the layout. It is raised when rows of an older one need another treatment than being stored.
const Format = 1

// Manifest says what an archive is of.
type Manifest struct {
	Format  int       `json:"format"`
	Version string    `json:"version"`
	Time    time.Time `json:"time"`
	// Tenant and Name are those that it had.
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	// Schemas are the versions of the services' schemas.
	Schemas map[string]int64 `json:"schemas"`
	// Left says what is not in it.
	Left []string `json:"left"`
}

// Sum is what a part of an archive adds up to. SHA256 is of the part's lines, of a document's bytes, or of the list of files.
type Sum struct {
	Name   string `json:"name"`
	Count  int64  `json:"count"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Kind is what a part is.
type Kind string

// The kinds.
const (
	Rows     Kind = "rows"
	Document Kind = "documents"
	File     Kind = "files"
)

const (
	manifestName = "manifest.json"
	sumsName     = "sums.json"
	// chunk is how many bytes of rows are gathered in one member of the tar; a longer row is alone.
	chunk = 1 << 20
	// The bounds of what is read.
	maxManifest = 1 << 20
	maxDocument = 64 << 20
	maxColumns  = 2000
	maxParts    = 10_000
	maxFiles    = 10_000_000
)

// Names in an archive. They are compared with what is expected and never used for anything else.
var (
	partName   = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,130}$`)
	fileName   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	columnName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
)

// ErrDamaged is what an archive that is not whole is refused with.
var ErrDamaged = errors.New("the archive is damaged, or was cut off")

// ErrKey is what is said when an archive cannot be opened.
var ErrKey = errors.New("the passphrase or the key is not the one that the archive was made with")

// total adds up.
type total struct {
	Sum
	hash hash.Hash
}

func newTotal(name string) *total { return &total{Sum: Sum{Name: name}, hash: sha256.New()} }

func (t *total) add(b []byte) {
	t.hash.Write(b)
	t.Bytes += int64(len(b))
}

func (t *total) sum() Sum {
	t.SHA256 = hex.EncodeToString(t.hash.Sum(nil))
	return t.Sum
}

// fileLine is what a file is in the list of files.
func fileLine(id string, content hash.Hash) []byte {
	return []byte(id + " " + hex.EncodeToString(content.Sum(nil)) + "\n")
}
