package web

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// securityLife is how long security.txt holds from the day it is fetched (RFC 9116, 2.5.5: less than a year).
const securityLife = 180 * 24 * time.Hour

// securityFile serves security.txt (RFC 9116).
func (s *Site) securityFile(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, "security", plainText, func(context.Context) ([]byte, error) {
		expires := s.Now().UTC().Truncate(24 * time.Hour).Add(securityLife)
		return fmt.Appendf(nil, "Contact: mailto:%s\nExpires: %s\nPreferred-Languages: %s\nCanonical: %s/.well-known/security.txt\n",
			s.Contact(), expires.Format(time.RFC3339), s.Config.Publication.Language, s.origin), nil
	})
}

// adsFile serves ads.txt (IAB Tech Lab, ads.txt 1.1): empty while nobody but the publication sells its space.
func (s *Site) adsFile(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, "ads", plainText, func(context.Context) (b []byte, err error) {
		for _, line := range s.Config.Ads.AdsTxt {
			b = append(append(b, line...), '\n')
		}
		return b, nil
	})
}
