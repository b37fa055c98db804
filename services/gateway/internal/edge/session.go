package edge

import (
	"net/http"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/aqtra/aqtra/services/gateway/internal/identity"
)

// sessionCookie returns the cookie that an answer of identity asks for, nil for none.
func sessionCookie(header metadata.MD) *http.Cookie {
	c := &http.Cookie{Name: CookieName, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if clear := header.Get(identity.HeaderSessionClear); len(clear) == 1 && clear[0] == "true" {
		c.MaxAge = -1
		return c
	}
	token := header.Get(identity.HeaderSessionToken)
	if len(token) != 1 {
		return nil
	}
	c.Value = token[0]
	if expires := header.Get(identity.HeaderSessionExpires); len(expires) == 1 {
		if at, err := time.Parse(time.RFC3339, expires[0]); err == nil {
			c.Expires = at
		}
	}
	return c
}
