package identity

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aqtra/aqtra/services/gateway/internal/identity/password"
)

// The values of Config.SignUp.
const (
	// SignUpOpen lets anyone make a tenant.
	SignUpOpen = "open"
	// SignUpClosed leaves tenants to the operator.
	SignUpClosed = "closed"
)

// Config tunes identity. It is nested in the gateway's configuration.
type Config struct {
	// PublicURL is where people reach the installation; links are built from it, never from a request.
	PublicURL string `default:"https://localhost:8443" env:"AQTRA_PUBLIC_URL" doc:"address of the installation, used in links"`
	// SignUp is open or closed.
	SignUp string `default:"open" doc:"open: anyone may make a tenant; closed: nobody"`
	// AdminEmail and AdminPassword make the first administrator where there is no user yet; they are not read again.
	AdminEmail    string `env:"AQTRA_ADMIN_EMAIL" doc:"e-mail address of the first administrator, made when there is no user"`
	AdminPassword string `env:"AQTRA_ADMIN_PASSWORD" secret:"true" doc:"password of the first administrator"`
	// Pepper is the key that passwords are mixed with; losing it makes every password worthless. At least 32 characters.
	Pepper string `env:"AQTRA_PASSWORD_PEPPER" secret:"true" doc:"secret of at least 32 characters that passwords are mixed with; must never change"`
	// SessionIdle ends a session that was not used, SessionLife any session.
	SessionIdle time.Duration `default:"12h" doc:"time without use after which a session ends"`
	SessionLife time.Duration `default:"720h" doc:"longest session"`
	// InvitationLife and PasswordLinkLife bound one-time links.
	InvitationLife   time.Duration `default:"168h" doc:"how long an invitation can be accepted"`
	PasswordLinkLife time.Duration `default:"1h" doc:"how long a password link works"`
	// Guesses is how many failures GuessWindow allows, per account and per client address.
	Guesses     int           `default:"10" doc:"failed sign-ins allowed per account and per client address within the window"`
	GuessWindow time.Duration `default:"15m" doc:"window of the failed sign-ins"`
	// SignUps is how many tenants one client address may make in an hour.
	SignUps int `default:"100" doc:"tenants that one client address may make in an hour"`
	// Hashes bounds passwords that are hashed at once, 46 MiB each; 0 means one per core.
	Hashes int `default:"0" doc:"passwords hashed at once, 46 MiB each; 0: one per core"`
	// HashQueue bounds those that wait for it.
	HashQueue int `default:"64" doc:"sign-ins that may wait for a password hash"`
}

// Validate reports every bad field at once, by name.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, field, need string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s %s", field, need))
		}
	}
	u, err := url.Parse(c.PublicURL)
	check(err == nil && u.Scheme == "https" && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil,
		"PublicURL", "must be an https address without query")
	check(c.SignUp == SignUpOpen || c.SignUp == SignUpClosed, "SignUp", "must be open or closed")
	check((c.AdminEmail == "") == (c.AdminPassword == ""), "AdminEmail and AdminPassword", "must be given together")
	if c.AdminEmail != "" && c.AdminPassword != "" {
		_, err := parseEmail("AdminEmail", c.AdminEmail)
		check(err == nil, "AdminEmail", "must be an e-mail address")
		if err := password.Check("AdminPassword", c.AdminPassword, c.AdminEmail); err != nil {
			errs = append(errs, fmt.Errorf("AdminPassword: %w", err))
		}
	}
	check(len(c.Pepper) >= 32, "Pepper", "must have at least 32 characters")
	check(c.SessionIdle >= sessionTouch, "SessionIdle", "must be at least 5m")
	check(c.SessionLife >= c.SessionIdle, "SessionLife", "must not be shorter than SessionIdle")
	check(c.InvitationLife > 0, "InvitationLife", "must be positive")
	check(c.PasswordLinkLife > 0, "PasswordLinkLife", "must be positive")
	check(c.Guesses > 0 && c.Guesses <= 1000, "Guesses", "must be within 1 and 1000")
	check(c.GuessWindow > 0, "GuessWindow", "must be positive")
	check(c.SignUps > 0 && c.SignUps <= 10000, "SignUps", "must be within 1 and 10000")
	check(c.Hashes >= 0 && c.Hashes <= 256, "Hashes", "must be within 0 and 256")
	check(c.HashQueue > 0 && c.HashQueue <= 10000, "HashQueue", "must be within 1 and 10000")
	return errors.Join(errs...)
}
