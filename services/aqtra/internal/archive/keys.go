package archive

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/age"
)

const (
	// minPassphrase is how many bytes a passphrase must have.
	minPassphrase = 12
	// work is the exponent of scrypt's cost: about a second. An archive that asks for more is refused.
	work = 18
)

// Recipients are those who can open an archive: holders of the passphrase, or of the keys that belong to age recipients ("age1…").
// Exactly one of the two must be given.
func Recipients(passphrase string, keys []string) ([]age.Recipient, error) {
	if (passphrase == "") == (len(keys) == 0) {
		return nil, errors.New("an archive is encrypted with a passphrase (AQTRA_ARCHIVE_PASSPHRASE) or for keys of age (AQTRA_ARCHIVE_RECIPIENTS): give one of the two")
	}
	if passphrase != "" {
		if len(passphrase) < minPassphrase {
			return nil, fmt.Errorf("the passphrase must have at least %d characters", minPassphrase)
		}
		r, err := age.NewScryptRecipient(passphrase)
		if err != nil {
			return nil, err
		}
		r.SetWorkFactor(work)
		return []age.Recipient{r}, nil
	}
	recipients, err := age.ParseRecipients(strings.NewReader(strings.Join(keys, "\n")))
	if err != nil {
		return nil, fmt.Errorf("AQTRA_ARCHIVE_RECIPIENTS: %w", err)
	}
	return recipients, nil
}

// Identities open an archive: with the passphrase, or with the keys in a file as age-keygen writes it.
func Identities(passphrase, file string) ([]age.Identity, error) {
	if (passphrase == "") == (file == "") {
		return nil, errors.New("an archive is opened with its passphrase (AQTRA_ARCHIVE_PASSPHRASE) or with a file of age keys (AQTRA_ARCHIVE_IDENTITY_FILE): give one of the two")
	}
	if passphrase != "" {
		id, err := age.NewScryptIdentity(passphrase)
		if err != nil {
			return nil, err
		}
		id.SetMaxWorkFactor(work)
		return []age.Identity{id}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open the keys of the archive: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	identities, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return identities, nil
}
