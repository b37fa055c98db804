package stand

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Client calls the public API as one user, over REST and gRPC. It is safe for concurrent use.
type Client struct {
	// Token is the bearer token, empty for none.
	Token string

	url  string
	http *http.Client
	conn *grpc.ClientConn
}

// Client returns a client with a bearer token, or without when it is empty. Close it.
func (s *Stand) Client(token string) (*Client, error) {
	opts := []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(s.TLS()))}
	if token != "" {
		opts = append(opts, grpc.WithPerRPCCredentials(bearer(token)))
	}
	conn, err := grpc.NewClient("dns:///"+s.Address, opts...)
	if err != nil {
		return nil, err
	}
	return &Client{
		Token: token, url: s.URL, conn: conn,
		http: &http.Client{
			Timeout:       2 * time.Minute,
			Transport:     &http.Transport{TLSClientConfig: s.TLS(), ForceAttemptHTTP2: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Close ends the connections.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	_ = c.conn.Close() // only ever "already closing"
}

// GRPC is the connection for generated clients.
func (c *Client) GRPC() *grpc.ClientConn { return c.conn }

type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }

// Answer is the answer to a REST request.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
	Took   time.Duration
}

// Do sends a REST request. A body of type string, []byte or io.Reader is sent as it is, anything else as JSON, nil not at all.
// Header are pairs of names and values; an empty value removes the header.
func (c *Client) Do(ctx context.Context, method, path string, body any, header ...string) (Answer, error) {
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = bytes.NewReader([]byte(body))
	case []byte:
		reader = bytes.NewReader(body)
	case io.Reader:
		reader = body
	default:
		text, err := json.Marshal(body)
		if err != nil {
			return Answer{}, fmt.Errorf("encode request: %w", err)
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, reader)
	if err != nil {
		return Answer{}, err
	}
	if reader != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			req.Header.Del(header[i])
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	start := time.Now()
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }() // it was read to its end
	text, err := io.ReadAll(res.Body)
	return Answer{Code: res.StatusCode, Header: res.Header, Body: text, Took: time.Since(start)}, err
}
