package setup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
)

const (
	probePatience = time.Minute
	probeTimeout  = 5 * time.Second
)

// probe waits until every URL answers 200. The certificate must be of the authority in the file.
func probe(ctx context.Context, args []string, clk clock.Clock, stdout io.Writer) error {
	if len(args) < 3 || args[0] != "--ca" {
		return errors.New("usage: aqtra-setup probe --ca FILE URL...")
	}
	ca, err := os.ReadFile(args[1])
	if err != nil {
		return fmt.Errorf("read certificates: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return fmt.Errorf("%s holds no certificate", args[1])
	}
	client := &http.Client{
		Timeout:       probeTimeout,
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots}, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	end := clk.Now().Add(probePatience)
	for _, target := range args[2:] {
		for {
			err := ask(ctx, client, target)
			if err == nil {
				break
			}
			if !clk.Now().Before(end) || clock.Sleep(ctx, clk, time.Second) != nil {
				return fmt.Errorf("%s is not ready after %s: %w", target, probePatience, err)
			}
		}
		if _, err := fmt.Fprintln(stdout, "ready", target); err != nil {
			return err
		}
	}
	return nil
}

func ask(ctx context.Context, client *http.Client, target string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			return ue.Err
		}
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", resp.Status)
	}
	return nil
}
