package files

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	// MaxFolders is how many names the path of a folder has at most, MaxFolder how many bytes.
	MaxFolders, MaxFolder = 10, 1000
	// maxName is how many bytes the name of a file or folder has at most.
	maxName = 255
)

// CheckName returns a fault at a field unless a text can be the name of a file.
func CheckName(field, name string) error {
	if why := misnamed(name); why != "" {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the file's name is not right", fault.Field(field, why))
	}
	return nil
}

// CheckFolder returns a fault at a field unless a text can be the path of a folder; empty is none.
func CheckFolder(field, path string) error {
	if path == "" {
		return nil
	}
	names := strings.Split(path, "/")
	if len(names) > MaxFolders || len(path) > MaxFolder {
		return TooDeep(field)
	}
	for _, name := range names {
		why := misnamed(name)
		if why == "" && (name == "." || name == ".." || strings.TrimSpace(name) != name) {
			why = "no part of the path may be . or .., or begin or end with a space"
		}
		if why != "" {
			return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the folder's path is not right", fault.Field(field, why))
		}
	}
	return nil
}

// TooDeep is the fault of a path that is too long.
func TooDeep(field string) error {
	return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the folder's path is too long",
		fault.Field(field, fmt.Sprintf("a path has at most %d names and %d bytes", MaxFolders, MaxFolder)))
}

// misnamed says why a text is no name, empty when it is one.
func misnamed(name string) string {
	switch {
	case name == "" || len(name) > maxName || !utf8.ValidString(name) || strings.ContainsAny(name, "/\\\x00\r\n"):
		return fmt.Sprintf("expected a name of at most %d bytes without slashes and line breaks", maxName)
	case strings.ContainsFunc(name, value.Misleads):
		return "must not contain control characters or marks that change the direction of writing"
	}
	return ""
}
