package engine

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Decode reads a stored document.
func Decode(format int16, content []byte) (*libraryv1.Component, error) {
	return decode(format, content)
}

var stableID = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// CheckDocument refuses a stored document that came from elsewhere and is not what a save would have stored.
func CheckDocument(uid string, format int16, content, digest []byte) error {
	c, err := decode(format, content)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	switch {
	case !stableID.MatchString(uid) || c.GetUid() != uid:
		return fmt.Errorf("the document is of %.50q", c.GetUid())
	case !bytes.Equal(sum[:], digest):
		return errors.New("the document is not what its digest says")
	}
	return nil
}
