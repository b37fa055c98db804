package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// The generator shares the cores with what it measures, so it speaks HTTP/2 by itself: net/http's client would cost about as
// much per request as the services do.

const (
	answerTimeout = 10 * time.Second
	// window is how many bytes of answers the server may send before it hears of it.
	window = 1 << 30
	// maxFrame is the largest frame, the protocol's default.
	maxFrame = 16 << 10
)

// request is one request of a scenario.
type request struct {
	method, path string
	body         []byte
}

// conn is one connection with one request at a time. It is not safe for concurrent use.
type conn struct {
	raw       *tls.Conn
	framer    *http2.Framer
	out       bytes.Buffer
	block     bytes.Buffer
	encode    *hpack.Encoder
	decode    *hpack.Decoder
	authority string
	token     string
	stream    uint32
	received  uint32 // bytes that the server has not been told of
	status    int
}

// dial opens a connection that sends the token with every request.
func dial(address string, config *tls.Config, token string) (*conn, error) {
	config = config.Clone()
	config.NextProtos = []string{http2.NextProtoTLS}
	raw, err := tls.DialWithDialer(&net.Dialer{Timeout: answerTimeout}, "tcp", address, config)
	if err != nil {
		return nil, err
	}
	c := &conn{raw: raw, authority: address, token: token, stream: 1}
	c.framer = http2.NewFramer(&c.out, raw)
	c.framer.SetReuseFrames()
	c.encode = hpack.NewEncoder(&c.block)
	c.decode = hpack.NewDecoder(4096, c.header)
	if err := c.begin(); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return c, nil
}

func (c *conn) begin() error {
	if p := c.raw.ConnectionState().NegotiatedProtocol; p != http2.NextProtoTLS {
		return fmt.Errorf("the server speaks %q and not HTTP/2", p)
	}
	c.out.WriteString(http2.ClientPreface)
	return errors.Join(
		c.framer.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: window}),
		c.framer.WriteWindowUpdate(0, window),
		c.flush(),
	)
}

func (c *conn) flush() error {
	_, err := c.raw.Write(c.out.Bytes())
	c.out.Reset()
	return err
}

func (c *conn) header(f hpack.HeaderField) {
	if f.Name == ":status" {
		c.status, _ = strconv.Atoi(f.Value) // not a number is 0, which is no success
	}
}

// do sends a request and reads the whole answer. The answer's bytes go to sink, unless it is nil.
func (c *conn) do(r request, sink io.Writer) (status int, err error) {
	if len(r.body) > maxFrame {
		return 0, errors.New("the body is larger than a frame")
	}
	if err := c.raw.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, err
	}
	if err := c.send(r); err != nil {
		return 0, err
	}
	for ended := false; !ended; {
		if ended, err = c.receive(sink); err != nil {
			return 0, err
		}
	}
	c.stream += 2
	return c.status, nil
}

func (c *conn) send(r request) error {
	c.status = 0
	c.block.Reset()
	fields := []hpack.HeaderField{
		{Name: ":method", Value: r.method}, {Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: c.authority}, {Name: ":path", Value: r.path},
	}
	if c.token != "" {
		fields = append(fields, hpack.HeaderField{Name: "authorization", Value: "Bearer " + c.token})
	}
	if r.body != nil {
		fields = append(fields, hpack.HeaderField{Name: "content-type", Value: "application/json"},
			hpack.HeaderField{Name: "content-length", Value: strconv.Itoa(len(r.body))})
	}
	for _, f := range fields {
		if err := c.encode.WriteField(f); err != nil {
			return err
		}
	}
	err := c.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: c.stream, BlockFragment: c.block.Bytes(), EndHeaders: true, EndStream: r.body == nil,
	})
	if err == nil && r.body != nil {
		err = c.framer.WriteData(c.stream, true, r.body)
	}
	if err != nil {
		return err
	}
	return c.flush()
}

// receive reads one frame. It reports whether the answer has ended.
func (c *conn) receive(sink io.Writer) (bool, error) {
	frame, err := c.framer.ReadFrame()
	if err != nil {
		return false, err
	}
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return false, nil
		}
		return false, errors.Join(c.framer.WriteSettingsAck(), c.flush())
	case *http2.PingFrame:
		if f.IsAck() {
			return false, nil
		}
		return false, errors.Join(c.framer.WritePing(true, f.Data), c.flush())
	case *http2.HeadersFrame:
		if _, err := c.decode.Write(f.HeaderBlockFragment()); err != nil {
			return false, err
		}
		return f.StreamEnded(), nil
	case *http2.ContinuationFrame:
		_, err := c.decode.Write(f.HeaderBlockFragment())
		return false, err
	case *http2.DataFrame:
		if sink != nil {
			if _, err := sink.Write(f.Data()); err != nil {
				return false, err
			}
		}
		c.received += f.Length
		if c.received < window/2 {
			return f.StreamEnded(), nil
		}
		err := errors.Join(c.framer.WriteWindowUpdate(0, c.received), c.flush())
		c.received = 0
		return f.StreamEnded(), err
	case *http2.RSTStreamFrame:
		return false, fmt.Errorf("the server reset the request: %s", f.ErrCode)
	case *http2.GoAwayFrame:
		return false, fmt.Errorf("the server closes the connection: %s", f.ErrCode)
	}
	return false, nil
}

func (c *conn) close() error { return c.raw.Close() }
