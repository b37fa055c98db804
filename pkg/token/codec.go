package token

import (
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/aqtra/aqtra/pkg/principal"
)

// The fields of the payload. Numbers are never reused; a verifier of the previous version skips those it does not know.
const (
	fieldTenant = iota + 1
	fieldSubject
	fieldKind
	fieldDisplayName
	fieldEmail
	fieldRole
	fieldGrant
	fieldRelease
	fieldEpoch
	fieldOperator
	fieldAudience
	fieldIssued
	fieldExpires
)

const (
	fieldGrantPermission = iota + 1
	fieldGrantComponent
)

// encodeIdentity writes everything but the times: it is also the key of the minter's cache.
func encodeIdentity(p principal.Principal, audience []string) []byte {
	b := make([]byte, 0, 256)
	b = appendText(b, fieldTenant, p.Tenant)
	b = appendText(b, fieldSubject, p.Subject)
	b = appendText(b, fieldKind, p.Kind)
	b = appendText(b, fieldDisplayName, p.DisplayName)
	b = appendText(b, fieldEmail, p.Email)
	for _, r := range p.Roles {
		b = appendText(b, fieldRole, r)
	}
	var grant []byte
	for _, g := range p.Grants {
		grant = appendText(grant[:0], fieldGrantPermission, g.Permission)
		grant = appendText(grant, fieldGrantComponent, g.Component)
		b = protowire.AppendTag(b, fieldGrant, protowire.BytesType)
		b = protowire.AppendBytes(b, grant)
	}
	b = appendText(b, fieldRelease, p.Release)
	b = appendInt(b, fieldEpoch, p.Epoch)
	if p.Operator {
		b = appendInt(b, fieldOperator, 1)
	}
	for _, a := range audience {
		b = appendText(b, fieldAudience, a)
	}
	return b
}

func encodeTimes(b []byte, issued, expires time.Time) []byte {
	b = appendInt(b, fieldIssued, issued.UnixMilli())
	return appendInt(b, fieldExpires, expires.UnixMilli())
}

func appendText(b []byte, num protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), s)
}

func appendInt(b []byte, num protowire.Number, n int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(n))
}

func decodeClaims(b []byte) (Claims, error) {
	var c Claims
	p := &c.Principal
	err := eachField(b, func(num protowire.Number, text []byte, n int64) error {
		switch num {
		case fieldTenant:
			p.Tenant = string(text)
		case fieldSubject:
			p.Subject = string(text)
		case fieldKind:
			p.Kind = string(text)
		case fieldDisplayName:
			p.DisplayName = string(text)
		case fieldEmail:
			p.Email = string(text)
		case fieldRole:
			p.Roles = append(p.Roles, string(text))
		case fieldGrant:
			g, err := decodeGrant(text)
			if err != nil {
				return err
			}
			p.Grants = append(p.Grants, g)
		case fieldRelease:
			p.Release = string(text)
		case fieldEpoch:
			p.Epoch = n
		case fieldOperator:
			p.Operator = n == 1
		case fieldAudience:
			c.Audience = append(c.Audience, string(text))
		case fieldIssued:
			c.IssuedAt = time.UnixMilli(n).UTC()
		case fieldExpires:
			c.ExpiresAt = time.UnixMilli(n).UTC()
		}
		return nil
	})
	return c, err
}

func decodeGrant(b []byte) (principal.Grant, error) {
	var g principal.Grant
	err := eachField(b, func(num protowire.Number, text []byte, _ int64) error {
		switch num {
		case fieldGrantPermission:
			g.Permission = string(text)
		case fieldGrantComponent:
			g.Component = string(text)
		}
		return nil
	})
	return g, err
}

// eachField calls f with every field of a message; text is nil for numbers. Unknown fields of other wire types are skipped.
func eachField(b []byte, f func(num protowire.Number, text []byte, n int64) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errMalformed
		}
		b = b[n:]
		var text []byte
		var value uint64
		switch typ {
		case protowire.BytesType:
			text, n = protowire.ConsumeBytes(b)
			// A grant is a message, whose bytes are text and lengths; its own texts are checked in turn.
			if n >= 0 && num != fieldGrant && !utf8.Valid(text) {
				return errMalformed
			}
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(b)
		default:
			if n = protowire.ConsumeFieldValue(num, typ, b); n >= 0 {
				b = b[n:]
				continue
			}
		}
		if n < 0 {
			return errMalformed
		}
		if err := f(num, text, int64(value)); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
