package notify

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// Config names a mail server. It is optional: without a URL no mail is sent.
type Config struct {
	URL     string `secret:"true" doc:"mail server: smtps://user:password@host:465, or smtp:// for STARTTLS; there is no mail without encryption. Empty: no mail is sent"`
	From    string `doc:"sender of mails, such as Aqtra <aqtra@example.com>"`
	Link    string `doc:"address of the web UI, such as https://apps.example.com; mails link to it"`
	CAFile  string `doc:"certificates of the authority that signed the mail server's certificate (PEM); empty: the machine's"`
	TLS12   bool   `doc:"accept TLS 1.2 from the mail server, not only 1.3"`
	PerHour int    `default:"1000" doc:"how many mails a tenant may have sent within an hour"`
}

// sendTimeout is for one exchange with the mail server.
const sendTimeout = 30 * time.Second

// errURL stands for whatever a parser has to say: its text may quote the password.
var errURL = errors.New("URL must be smtps://host:port or smtp://host:port, with user and password if any")

// Validate refuses what cannot be used.
func (c Config) Validate() error {
	if c.PerHour < 1 {
		return errors.New("PerHour must be at least 1")
	}
	if c.Link != "" {
		if u, err := url.Parse(c.Link); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
			return errors.New("link must begin with https:// and a host")
		}
	}
	if c.URL == "" {
		return nil
	}
	if _, err := netmail.ParseAddress(c.From); err != nil {
		return errors.New("from must be an e-mail address such as Aqtra <aqtra@example.com>")
	}
	_, err := c.client()
	return err
}

func (c Config) client() (*mail.Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" || (u.Path != "" && u.Path != "/") {
		return nil, errURL
	}
	secure := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS13}
	if c.TLS12 {
		secure.MinVersion = tls.VersionTLS12
	}
	if c.CAFile != "" {
		text, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read certificates of the mail server: %w", err)
		}
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate", c.CAFile)
		}
	}
	port := 587
	options := []mail.Option{mail.WithTLSPolicy(mail.TLSMandatory)}
	if u.Scheme == "smtps" {
		port, options = 465, []mail.Option{mail.WithSSL()}
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, errURL
		}
	}
	options = append(options, mail.WithPort(port), mail.WithTLSConfig(secure), mail.WithTimeout(sendTimeout))
	if password, set := u.User.Password(); set {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, errURL
	}
	return client, nil
}
