package engine

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Format is the version of the encoding of documents: 1 is aqtra.library.v1.Component as protobuf.
const Format = 1

// encode gives the bytes of a document, the same bytes for the same content, and their digest. What the server says about
// a revision (its number, times, etag) is not part of it.
func encode(c *libraryv1.Component) (content, digest []byte, err error) {
	c = proto.CloneOf(c)
	stripSystem(c)
	content, err = proto.MarshalOptions{Deterministic: true}.Marshal(c)
	if err != nil {
		return nil, nil, fmt.Errorf("encode component: %w", err)
	}
	sum := sha256.Sum256(content)
	return content, sum[:], nil
}

// decode reads what encode wrote.
func decode(format int16, content []byte) (*libraryv1.Component, error) {
	if format != Format {
		return nil, fmt.Errorf("document has format %d, this version reads %d", format, Format)
	}
	c := &libraryv1.Component{}
	if err := proto.Unmarshal(content, c); err != nil {
		return nil, fmt.Errorf("decode component: %w", err)
	}
	return c, nil
}

func stripSystem(c *libraryv1.Component) {
	c.Revision, c.Etag, c.CreateTime, c.UpdateTime, c.UpdateSubject, c.PublishedRevision = 0, "", nil, nil, "", 0
}

// header is a component without its parts, as lists show it.
func header(c *libraryv1.Component) ([]byte, error) {
	h := &libraryv1.Component{Id: c.GetId(), Uid: c.GetUid(), DisplayName: c.GetDisplayName(), Description: c.GetDescription()}
	b, err := proto.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode header: %w", err)
	}
	return b, nil
}

// dress decodes a revision and adds what the server says about it.
func dress(r Revision) (*libraryv1.Component, error) {
	c, err := decode(r.Format, r.Content)
	if err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", r.Number, r.Component, err)
	}
	addSystem(c, r)
	return c, nil
}

func addSystem(c *libraryv1.Component, r Revision) {
	c.Id, c.Uid = r.Component, r.UID
	c.Revision, c.PublishedRevision = r.Number, r.Published
	c.Etag = etag(r.UID, r.Number, r.Digest)
	c.CreateTime, c.UpdateTime = timestamppb.New(r.CreateTime), timestamppb.New(r.Time)
	c.UpdateSubject = r.Subject
}

// etag names one revision with its content.
func etag(uid string, revision int64, digest []byte) string {
	h := sha256.New()
	h.Write([]byte(uid))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(revision)))
	h.Write(digest)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// newID makes a stable id: ten characters, the first a letter, 48 random bits and more.
func newID() string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the process instead
	b[0] = alphabet[b[0]%26]
	for i := 1; i < len(b); i++ {
		b[i] = alphabet[b[i]%32]
	}
	return string(b[:])
}

// assignIDs gives stable ids to fields that have none. A field without an id that has the name of a field of the earlier
// revision is that field, so that a client which knows no ids does not drop a column by saving.
func assignIDs(c, earlier *libraryv1.Component) {
	if c.GetUid() == "" {
		c.Uid = newID()
	}
	used := make(map[string]bool)
	for _, f := range c.GetModel().GetFields() {
		if f.GetId() != "" {
			used[f.GetId()] = true
		}
	}
	byName := make(map[string]string)
	for _, f := range earlier.GetModel().GetFields() {
		if !used[f.GetId()] {
			byName[f.GetName()] = f.GetId()
		}
	}
	for _, f := range c.GetModel().GetFields() {
		if f.GetId() != "" {
			continue
		}
		if id := byName[f.GetName()]; id != "" {
			f.Id = id
			delete(byName, f.GetName())
			continue
		}
		for f.Id = newID(); used[f.GetId()]; f.Id = newID() {
		}
		used[f.GetId()] = true
	}
}
