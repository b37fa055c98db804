// Package ctl is the work of aqtractl: components as files, in and out of an installation over its public API.
package ctl

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Access says how an installation is reached.
type Access struct {
	// URL is its public address.
	URL string
	// Key is an API key, or the token of a session.
	Key string
	// CAFile is the authority of its certificate, PEM; empty for those of the machine.
	CAFile string
}

// maxMessage is the largest component that is read or written.
const maxMessage = 64 << 20

// Client reaches an installation. Close it.
type Client struct {
	conn         *grpc.ClientConn
	components   libraryv1.ComponentsClient
	publications libraryv1.PublicationsClient
}

// Connect makes a client; nothing is sent yet.
func Connect(a Access) (*Client, error) {
	u, err := url.Parse(a.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("AQTRA_URL %q is not an address such as https://aqtra.example.com", a.URL)
	}
	if a.Key == "" {
		return nil, errors.New("an API key is needed: AQTRA_API_KEY, or --key-file")
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	if a.CAFile != "" {
		pem, err := os.ReadFile(a.CAFile)
		if err != nil {
			return nil, fmt.Errorf("AQTRA_CA_FILE: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("AQTRA_CA_FILE: %s holds no certificate", a.CAFile)
		}
	}
	host := u.Host
	if u.Port() == "" {
		host += ":443"
	}
	conn, err := grpc.NewClient("dns:///"+host, grpc.WithTransportCredentials(credentials.NewTLS(cfg)), grpc.WithPerRPCCredentials(bearer(a.Key)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)))
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn, components: libraryv1.NewComponentsClient(conn), publications: libraryv1.NewPublicationsClient(conn)}, nil
}

// Close closes the connection.
func (c *Client) Close() error { return c.conn.Close() }

type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + strings.TrimSpace(string(b))}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }

// ids lists the ids of all components.
func (c *Client) ids(ctx context.Context) ([]string, error) {
	var ids []string
	for token := ""; ; {
		page, err := c.components.ListComponents(ctx, &libraryv1.ListComponentsRequest{PageSize: 200, PageToken: token})
		if err != nil {
			return nil, said(err)
		}
		for _, one := range page.GetComponents() {
			ids = append(ids, one.GetId())
		}
		if token = page.GetNextPageToken(); token == "" {
			return ids, nil
		}
	}
}

// get reads a component.
func (c *Client) get(ctx context.Context, id string) (*libraryv1.Component, error) {
	got, err := c.components.GetComponent(ctx, &libraryv1.GetComponentRequest{Component: id})
	return got, said(err)
}
