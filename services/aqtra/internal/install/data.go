package install

import (
	"os"
	"path/filepath"
)

// DefaultData is where data lies unless AQTRA_DATA says otherwise: the user's data folder, or /var/lib/aqtra for root, whose
// home Postgres may not enter (it never runs as root).
func DefaultData() string {
	if os.Geteuid() == 0 {
		return "/var/lib/aqtra"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "aqtra")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "aqtra-data"
	}
	return filepath.Join(home, ".local", "share", "aqtra")
}
